// Chapter 07: why a basic cell forgets, and the cells that remember.
//
// The basic cell overwrites its whole state at every step: h = tanh(x·W_x + h_before·W_y + b). What it saw long ago has
// been through W_y and tanh once for each step since, and so has the gradient. A gated cell has a state that stays as
// it is unless something is written to it. How much stays, how much is written and how much is shown is up to gates:
// numbers between 0 and 1, computed from the inputs and the state with weights that training finds.
//
//   by_hand.cpp   one step of each cell written out, gate by gate; the library's cells give the same bits
//   memory.cpp    weights chosen by a person, to see what the gates are for
//   norms.cpp     chapter 05's experiment: how much of a gradient arrives after many steps back
//   adding.cpp    a task that takes memory: of T numbers two are marked; what is their sum?
#include <fmt/format.h>

#include <deque>
#include <iostream>
#include <string>
#include <vector>

import gated_cells.adding;
import gated_cells.errors;
import gated_cells.norms;
import gated_cells.replay;
import gated_cells.show;
import rnn.base.file;
import rnn.base.random;
import rnn.base.thread_pool;
import rnn.console.norm_tables;
import rnn.console.options;
import rnn.linalg.matrix;
import rnn.network.cell;
import rnn.network.cell.kinds;
import rnn.training.gradient_norms;

using namespace rnn;
using namespace gated_cells;

/// Prints the norms of all learners' networks along one sequence and adds them to `all`.
void show_norms(const char* when, const std::deque<Learner>& learners, const Sums& test,
                std::vector<GradientNorms>& all) {
  Matrix x(test.x.steps(), 2);  // the first of the sequences
  std::string marks;
  for (Index t = 0; t < x.size1(); ++t) {
    copy(test.x[t].rows_from(0, 1), View(x).rows_from(t, 1));
    if (x(t, 1) == 1) marks += fmt::format("{}{}", marks.empty() ? "" : " and ", t);
  }
  std::vector<GradientNorms> curves;
  for (const Learner& learner : learners) {
    for (const GradientNorms& norms : norms_of(learner.network(), x)) curves.push_back(norms);
  }
  print_norms(fmt::format("The norm of dh_T/dh_t, and of an LSTM's dh_T/dc_t, {}; marks at t = {}", when, marks),
              curves);
  for (GradientNorms& norms : curves) {
    norms.name += fmt::format(" {}", when);
    all.push_back(norms);
  }
}

int main(int argc, char** argv) {
  Options options("07_gated_cells",
                  "GRU and LSTM beside the basic cell: a step by hand, the gradient many steps back, and a task that\n"
                  "takes memory.");
  const std::vector<std::string> cells = cell_names();
  std::vector<std::string> cells_or_all = cells;
  cells_or_all.push_back("all");
  const auto seed = options.integer("seed", 1, {0, 4294967295}, "decides every random number");
  const auto cell = options.choice("cell", "lstm", cells, "kind of cell whose step is written out");
  options.group("Adding problem");
  const auto train = options.choice("train", "all", cells_or_all, "kind of cell that is trained");
  const auto steps = options.integer("steps", 50, {2, 1000}, "length of the sequences");
  const auto updates = options.integer("updates", 1000, {0, 1000000}, "steps of Adam; 0 trains nothing");
  const auto every = options.integer("every", 100, {1, 1000000}, "updates from one line to the next");
  const auto batch = options.integer("batch", 64, {1, 10000}, "sequences in an update");
  const auto neurons = options.integer("neurons", 32, {1, 1000}, "size of the layer");
  const auto learning_rate = options.real("learning-rate", 0.01, {0, 100, true}, "Adam's learning rate");
  const auto clip = options.real("clip", 1, {0, 1e6, true}, "scale gradients down to at most this norm");
  const auto threads = options.integer("threads", available_cores(), {1, 1024}, "changes the speed, not the result");
  const auto csv = options.output_file("csv", "FILE.csv", "write the errors as they are measured");
  const auto plot = options.output_drawing("plot", "FILE.svg", "draw them at the end");
  const auto norms_file = options.output_file("norms", "FILE.csv", "write the norms of every step");
  options.group("Recorded cases and JSON");
  const auto [recorded, json] = options.replay();
  for (const char* name : {"seed", "cell", "train", "steps", "updates", "every", "batch", "neurons", "learning-rate",
                           "clip", "threads", "csv", "plot", "norms"}) {
    options.excludes(name, "replay");
  }
  options.works_on_many_machines();
  options.example("--cell gru --updates 0", "the GRU's step, and no training");
  options.example("--steps 100 --updates 2000 --plot errors.svg", "a longer memory, with a drawing");

  return options.run(argc, argv, [&] {
    if (recorded.given()) return replay(*recorded, *json);
    const bool same = show_one_step(*cell, *seed);
    show_memory(*cell);

    const std::vector<std::string> trained = *train == "all" ? cells : std::vector{*train};
    std::deque<Learner> learners;
    for (const std::string& name : trained) {
      learners.emplace_back(LearnerOptions{.cell = name,
                                           .neurons = *neurons,
                                           .learning_rate = Real(*learning_rate),
                                           .clip = Real(*clip),
                                           .seed = combine_seeds({*seed, 2}),
                                           .threads = unsigned(*threads)});
    }
    const Sums test = draw_sums(*steps, 1000, combine_seeds({*seed, 3}));
    std::vector<GradientNorms> norms;
    show_norms("before training", learners, test, norms);

    std::cout << fmt::format("\nThe sum of two of {} numbers: mean squared error; always to answer 1 has {:.5f}\n",
                             *steps, constant_guess);
    ErrorLog log({*csv, *plot}, trained);
    for (Index update = 0; update <= *updates; ++update) {
      if (update % *every == 0 || update == *updates) {
        std::vector<double> errors;
        for (Learner& learner : learners) errors.push_back(learner.error(test));
        log.add(update, errors);
      }
      if (update == *updates) break;
      const Sums examples = draw_sums(*steps, *batch, combine_seeds({*seed, 4, update}));
      for (Learner& learner : learners) learner.learn(examples);
    }
    log.draw(constant_guess);
    if (*updates > 0) show_norms("after training", learners, test, norms);
    if (norms_file.given()) replace_file(*norms_file, norms_csv(norms));
    return same ? 0 : 1;
  });
}
