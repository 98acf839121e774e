# The network in simmer. Second argument "fast": draws in batches, nothing monitored.
suppressPackageStartupMessages(library(simmer))
given <- commandArgs(trailingOnly = TRUE)
hours <- as.numeric(given[1])
fast <- length(given) > 1 && given[2] == "fast"
set.seed(1)

batched <- function(draw, size = 10000) {
  if (!fast) return(function() draw(1))
  values <- draw(size)
  k <- 0
  function() {
    if (k == size) { values <<- draw(size); k <<- 0 }
    k <<- k + 1
    values[k]
  }
}
ends <- 0
by_median <- function(median, p90)
  batched(function(n) rlnorm(n, log(median), log(p90 / median) / 1.2815515655446004))
by_mean <- function(mean, sd) {
  s2 <- log(1 + (sd / mean)^2)
  batched(function(n) rlnorm(n, log(mean) - s2 / 2, sqrt(s2)))
}
choice <- function(shares) batched(function(n) sample(length(shares), n, TRUE, shares))
stay <- function(at, length) timeout(at, function() { ends <<- ends + 1; length() })

check <- trajectory() |> stay(by_median(24, 72)) |>
  branch(choice(c(0.3, 0.7)), continue = FALSE,
    trajectory() |> stay(by_median(72, 216)), trajectory() |> timeout(0))
reablement <- function(held) {
  way <- trajectory() |> seize("reablement")
  if (!is.null(held)) way <- release(way, held)
  way |> stay(by_mean(21 * 24, 10 * 24)) |> release("reablement") |> join(check)
}
straight <- function(held) trajectory() |> release(held) |> join(check)
community <- trajectory() |> seize("community") |> release("acute") |>
  stay(by_mean(28 * 24, 18 * 24)) |>
  branch(choice(c(0.6, 0.4)), continue = FALSE, reablement("community"), straight("community"))
acute <- trajectory() |> seize("acute") |> stay(by_mean(9 * 24, 8 * 24)) |>
  branch(choice(c(0.25, 0.3, 0.45)), continue = FALSE,
    community, reablement("acute"), straight("acute"))
visit <- trajectory() |> stay(by_median(4, 12)) |>
  branch(choice(c(0.7, 0.3)), continue = FALSE, reablement(NULL), trajectory() |> timeout(0))
person <- trajectory() |> seize("clinicians") |> stay(by_median(0.5, 1)) |>
  release("clinicians") |>
  branch(choice(c(0.8, 0.2)), continue = FALSE,
    trajectory() |> stay(by_median(2, 6)) |>
      branch(choice(c(0.55, 0.45)), continue = FALSE, acute, visit),
    trajectory() |> timeout(0))

watched <- if (fast) 0 else 1
env <- simmer() |>
  add_resource("clinicians", 6, mon = !fast) |> add_resource("acute", 260, mon = !fast) |>
  add_resource("community", 190, mon = !fast) |> add_resource("reablement", 700, mon = !fast) |>
  add_generator("person", person, batched(function(n) rexp(n, 20000 / 8766)), mon = watched)
began <- sum(proc.time()[1:2])
env <- run(env, until = hours)
spent <- sum(proc.time()[1:2]) - began
arrived <- get_n_generated(env, "person")
cat(sprintf('{"events": %d, "seconds": %.6f}\n', as.integer(ends + arrived), spent))
