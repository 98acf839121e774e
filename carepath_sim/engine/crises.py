"""Episodes: how they begin, how they are broken off, how lives end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from carepath_sim.engine.clock import DIED, HOME
from carepath_sim.engine.places import Places
from carepath_sim.engine.spells import NEVER, How, Outcome
from carepath_sim.engine.state import Episode, Place
from carepath_sim.plan import tables as tb
from carepath_sim.plan.tables import FAR, NOBODY

if TYPE_CHECKING:
    from collections.abc import Generator

    import simpy

    from carepath_sim.engine.state import Person


class Crises(Places):
    """What a crisis or a death does to everything that is under way."""

    def begin_episode(self, person: Person, cause: int, *, planned: bool) -> None:
        """Start an episode: its attributes are drawn anew."""
        number = person.numbers.get(cause, 0) + 1
        person.numbers[cause] = number
        self.end_episode(person)
        person.episode = Episode(person.episodes, cause, number, self.now, planned=planned)
        person.episodes += 1
        self.episodes.append((person, person.episode))
        values = self.look(person)
        values[self.attributes + tb.CAUSE] = cause
        values[self.attributes + tb.VIA] = NOBODY
        if self.episode_attributes:
            for attribute in self.episode_attributes:
                self.set_for_a_time.pop((person.number, attribute), None)
            self.draw_episode(person, number)
        person.episode.codes = [values[a] for a in self.episode_attributes]

    def end_episode(self, person: Person) -> None:
        """Note when an episode came to rest."""
        episode = person.episode
        if episode.index != NOBODY and episode.ended == NEVER:
            episode.ended = self.now
        if episode.index != NOBODY:
            episode.codes = [person.values[a] for a in self.episode_attributes]

    def break_off(self, person: Person, outcome: Outcome) -> None:
        """Stop everything that is under way for a person, but for the present place."""
        for request in list(person.requests.values()):
            self.withdraw(request)
        for step in person.steps.values():
            step.spell.left = self.now
            step.spell.outcome = int(outcome)
            step.spell.cause = person.episode.cause
            self.release_step(step)
        person.steps.clear()
        for process in person.processes:
            if process.is_alive:
                process.interrupt()
        person.processes.clear()
        self.stop_beside(person)

    @staticmethod
    def stop_beside(person: Person) -> None:
        """Stop the processes of what is received alongside the present stay."""
        for process in person.beside:
            if process.is_alive:
                process.interrupt()
        person.beside.clear()

    def crisis(self, person: Person, due: int) -> None:
        """A hazard fires: a new episode begins, or the person dies."""
        if person.due != due or person.end_state:
            return
        hazard = person.which
        H = self.hazard_lists
        self.settle(person)
        self.new_budget(person, hazard)
        person.due = FAR
        if H.deadly[hazard]:
            self.die(person)
            return
        self.have_crisis(person, H.cause[hazard], H.target[hazard], planned=bool(H.planned[hazard]))

    def have_crisis(self, person: Person, cause: int, target: int, *, planned: bool) -> None:
        """Break off what is under way, and begin a new episode."""
        if person.place.spell is None and person.place.service == HOME:
            self.open_home(person, How.START)
        self.begin_episode(person, cause, planned=planned)
        self.break_off(person, Outcome.INTERRUPTED)
        place = person.place
        place.interrupted = True
        if not self.T.residence[place.service] and not self.T.keeps_place[place.service]:
            self.fall_back(person)
        self.next_crisis(person)
        person.processes.append(self.env.process(self.journey(person, target)))

    def fall_back(self, person: Person) -> None:
        """Return somebody whose stay was broken off to their residence, where the crisis is met."""
        if any(self.T.residence[place.service] for place, _ in person.kept):
            self.return_to_kept(person)
        else:
            old = person.place
            host = NOBODY if old.spell is None else old.spell.visit
            spell = self.new_spell(person, HOME, host, NOBODY)
            spell.granted = self.now
            spell.waited_at = self.where(old)
            spell.how = int(How.BACK)
            self.move(person, Place(HOME, spell))
        person.place.interrupted = True

    def die(self, person: Person) -> None:
        """A hazard ends a life."""
        self.break_off(person, Outcome.DIED)
        self.depart(person, DIED)

    def depart(self, person: Person, to: int) -> None:
        """Close the life of a person in the model: death, or leaving it."""
        now, place = self.now, person.place
        if place.spell is None and place.service == HOME:
            self.open_home(person, How.START)
        self.settle(person)
        if place.spell is not None:
            place.spell.outcome = int(Outcome.DIED if to == DIED else Outcome.LEFT_MODEL)
        self.leave(person, place, to)
        for kept, _ in list(person.kept):
            self.stop_keeping(person, kept)
        self.end_episode(person)
        if self.T.kind[to] == tb.EXIT:
            person.episode.exit = to
        person.place = Place(to, None)
        person.end_state = 1 if to == DIED else 2
        person.end_at = now
        person.due = FAR
        person.speeds = None

    def journey(self, person: Person, target: int = NOBODY) -> Generator[simpy.Event, Any, Any]:
        """One person's way through the services."""
        raise NotImplementedError

    def tell_crisis(self) -> None:
        """The crisis with which a story begins."""
        assert self.told is not None  # noqa: S101 - only stories come here
        H, hazard = self.hazard_lists, self.told.hazard
        person = self.people[0]
        assert person is not None  # noqa: S101 - made before the story begins
        self.have_crisis(person, H.cause[hazard], H.target[hazard], planned=bool(H.planned[hazard]))
