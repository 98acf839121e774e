/* The network as a program written for it alone: the limit of what a general engine can reach.
 *
 * It does the same work as the engine: draws keyed by person, decision and occurrence (Philox
 * 4x32-10), lengths from quantile tables, whole milliseconds, a binary heap, queues that admit
 * first come first served, places kept until the next one is there, and a row for every spell.
 * What it leaves out is everything else that the scenario language can say. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DESK, TRIAGE, VISIT, ACUTE, COMMUNITY, REABLEMENT, CHECK, FOLLOW_UP, SERVICES, OUT = SERVICES };
enum { KNOTS = 512, ARRIVAL = SERVICES + 1 };
static const double HOUR = 3600000.0;
static const int POOL[SERVICES] = {0, -1, -1, 1, 2, 3, -1, -1};
static const int CAPACITY[4] = {6, 260, 190, 700};

typedef struct { int64_t t; uint64_t seq; int32_t person, arrives; } Event;
typedef struct { int64_t requested, started; int32_t service, held, visit; } Person;
typedef struct { int64_t requested, started, ready, left; int32_t person, service, next, visit; } Spell;
typedef struct { int32_t *line; int64_t head, tail, room; int used; } Pool;

static double table[SERVICES][KNOTS + 1];
static Event *heap; static int64_t pending, heap_room; static uint64_t seq;
static Person *people; static int64_t people_count, people_room;
static Spell *spells; static int64_t spell_count, spell_room;
static Pool pools[4];
static int64_t now, end, events;

static void *more(void *p, int64_t n, size_t size) {
    p = realloc(p, (size_t)n * size);
    if (!p) { fprintf(stderr, "out of memory\n"); exit(1); }
    return p;
}

static double uniform(uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3) {
    uint32_t k0 = 1, k1 = 0;
    for (int i = 0; i < 10; i++) {
        uint64_t a = 0xD2511F53ull * c0, b = 0xCD9E8D57ull * c2;
        c0 = (uint32_t)(b >> 32) ^ c1 ^ k0; c1 = (uint32_t)b;
        c2 = (uint32_t)(a >> 32) ^ c3 ^ k1; c3 = (uint32_t)a;
        k0 += 0x9E3779B9u; k1 += 0xBB67AE85u;
    }
    return ((c0 >> 6) * 67108864.0 + (c1 >> 6) + 0.5) / 4503599627370496.0;
}

/* Inverse of the standard normal distribution by bisection: only while the tables are made. */
static double normal_quantile(double u) {
    double low = -9, high = 9;
    for (int i = 0; i < 80; i++) {
        double x = 0.5 * (low + high);
        if (0.5 * erfc(-x / sqrt(2)) < u) low = x; else high = x;
    }
    return 0.5 * (low + high);
}

static void lognormal(int service, double mu, double sigma) {
    for (int k = 0; k <= KNOTS; k++) {
        double u = fmin(fmax((double)k / KNOTS, 1e-6), 1 - 1e-6);
        table[service][k] = exp(mu + sigma * normal_quantile(u)) * HOUR;
    }
}
static void by_median(int s, double median, double p90) {
    lognormal(s, log(median), log(p90 / median) / 1.2815515655446004);
}
static void by_mean(int s, double mean, double sd) {
    double s2 = log(1 + (sd / mean) * (sd / mean));
    lognormal(s, log(mean) - s2 / 2, sqrt(s2));
}

static int64_t length_of(int person, int service) {
    double x = uniform((uint32_t)person, (uint32_t)service, 7, (uint32_t)people[person].visit) * KNOTS;
    int k = (int)x;
    return (int64_t)(table[service][k] + (table[service][k + 1] - table[service][k]) * (x - k) + 0.5);
}

static int route(int person, int service) {
    double u = uniform((uint32_t)person, 100u + (uint32_t)service, 7, (uint32_t)people[person].visit);
    switch (service) {
    case DESK: return u < 0.8 ? TRIAGE : OUT;
    case TRIAGE: return u < 0.55 ? ACUTE : VISIT;
    case VISIT: return u < 0.7 ? REABLEMENT : OUT;
    case ACUTE: return u < 0.25 ? COMMUNITY : u < 0.55 ? REABLEMENT : CHECK;
    case COMMUNITY: return u < 0.6 ? REABLEMENT : CHECK;
    case REABLEMENT: return CHECK;
    case CHECK: return u < 0.3 ? FOLLOW_UP : OUT;
    default: return OUT;
    }
}

static int before(const Event *a, const Event *b) { return a->t != b->t ? a->t < b->t : a->seq < b->seq; }

static void at(int64_t t, int person, int arrives) {
    if (t >= end) return;
    if (pending == heap_room) heap = more(heap, heap_room *= 2, sizeof *heap);
    Event e = {t, ++seq, person, arrives};
    int64_t k = pending++;
    while (k > 0 && before(&e, &heap[(k - 1) >> 1])) { heap[k] = heap[(k - 1) >> 1]; k = (k - 1) >> 1; }
    heap[k] = e;
}

static Event take(void) {
    Event first = heap[0], last = heap[--pending];
    int64_t k = 0, child;
    while ((child = 2 * k + 1) < pending) {
        if (child + 1 < pending && before(&heap[child + 1], &heap[child])) child++;
        if (!before(&heap[child], &last)) break;
        heap[k] = heap[child];
        k = child;
    }
    heap[k] = last;
    return first;
}

static void start(int person, int service);

static void give_back(int pool) {
    Pool *q = &pools[pool];
    q->used--;
    while (q->head < q->tail && q->used < CAPACITY[pool]) {
        static const int SERVICE_OF[4] = {DESK, ACUTE, COMMUNITY, REABLEMENT};
        start(q->line[q->head++], SERVICE_OF[pool]);
    }
}

static void start(int person, int service) {
    Person *p = &people[person];
    int old = p->held;
    if (p->visit) spells[p->visit - 1].left = now;
    p->held = POOL[service];
    if (p->held >= 0) pools[p->held].used++;
    p->service = service;
    p->started = now;
    if (spell_count == spell_room) spells = more(spells, spell_room *= 2, sizeof *spells);
    spells[spell_count] = (Spell){p->requested, now, -1, -1, person, service, -1, 0};
    p->visit = (int32_t)++spell_count;
    at(now + length_of(person, service), person, 0);
    if (old >= 0) give_back(old);
}

static void ask(int person, int service) {
    people[person].requested = now;
    int pool = POOL[service];
    if (pool >= 0 && (pools[pool].used >= CAPACITY[pool] || pools[pool].head < pools[pool].tail)) {
        Pool *q = &pools[pool];
        if (q->tail == q->room) q->line = more(q->line, q->room *= 2, sizeof *q->line);
        q->line[q->tail++] = person;
    } else start(person, service);
}

static void finish(int person) {
    Person *p = &people[person];
    Spell *s = &spells[p->visit - 1];
    events++;
    s->ready = now;
    int next = s->next = route(person, p->service);
    if (next == OUT || p->service == DESK) {
        int old = p->held;
        p->held = -1;
        if (old >= 0) give_back(old);
    }
    if (next == OUT) spells[people[person].visit - 1].left = now;
    else ask(person, next);
}

static void arrive(void) {
    if (people_count == people_room) people = more(people, people_room *= 2, sizeof *people);
    int person = (int)people_count++;
    events++;
    people[person] = (Person){now, now, DESK, -1, 0};
    double gap = -log(uniform((uint32_t)person, ARRIVAL, 7, 0)) * 8766 / 20000 * HOUR;
    at(now + (int64_t)(gap + 0.5), 0, 1);
    ask(person, DESK);
}

int main(int argc, char **argv) {
    if (argc < 2) { fprintf(stderr, "usage: network HOURS\n"); return 2; }
    end = (int64_t)(atof(argv[1]) * HOUR);
    by_median(DESK, 0.5, 1); by_median(TRIAGE, 2, 6); by_median(VISIT, 4, 12);
    by_mean(ACUTE, 216, 192); by_mean(COMMUNITY, 672, 432); by_mean(REABLEMENT, 504, 240);
    by_median(CHECK, 24, 72); by_median(FOLLOW_UP, 72, 216);
    clock_t began = clock();
    heap = more(NULL, heap_room = 1024, sizeof *heap);
    people = more(NULL, people_room = 1024, sizeof *people);
    spells = more(NULL, spell_room = 1024, sizeof *spells);
    for (int k = 0; k < 4; k++) pools[k].line = more(NULL, pools[k].room = 1024, sizeof(int32_t));
    at(0, 0, 1);
    while (pending) {
        Event e = take();
        now = e.t;
        if (e.arrives) arrive(); else finish(e.person);
    }
    double seconds = (double)(clock() - began) / CLOCKS_PER_SEC;
    int64_t sum = 0;
    for (int64_t k = 0; k < spell_count; k++) sum += spells[k].left;
    printf("{\"events\": %lld, \"seconds\": %.6f, \"check\": %lld}\n", (long long)events, seconds, (long long)sum);
    return 0;
}
