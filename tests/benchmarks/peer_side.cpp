// Our side of ./course bench --peers: does what standard input asks for, and says how long it took.
//
//   train CELL STEPS BATCH THREADS IMAGES     one pass over so many drawn digits with the network of chapter 06, which
//                                             takes each in so many steps
//   forward CELL STEPS BATCH THREADS IMAGES   the same network, evaluated
//   layer STEPS BATCH INPUTS N                a recurrent layer forward and backward
//   memory                                    the most that this process has held, in MiB
//
// The answer is a line with two numbers, seconds by the clock and of processor time.

#include <sys/resource.h>

#include <compare>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "stopwatch.hpp"
// These import something, so they come last.
#include "layer.hpp"
#include "learner.hpp"

import rnn.data.digits;
import rnn.data.images;
import rnn.linalg.matrix;
import rnn.network.unroll;

using namespace rnn;
using namespace rnn::bench;

// Without a pixel that is zero: nobody else leaves those out.
static const Dataset& digits(Index count, Index steps) {
  static std::map<std::pair<Index, Index>, Dataset> drawn;
  Dataset& found = drawn[{count, steps}];
  if (found.size() == 0) found = in_steps(with_ink(draw_digits(count, 1)), steps);
  return found;
}

struct Request {
  std::string cell;
  Index steps, batch;
  unsigned threads;
  Index images;
  auto operator<=>(const Request&) const = default;
};

struct Work {
  explicit Work(const Request& request)
      : learner(digits(request.images, request.steps), request.batch, request.threads, request.cell) {
    Dataset rest = digits(request.images, request.steps);
    while (rest.size() >= request.batch) batches.push_back(take_first(rest, request.batch));
  }
  Learner learner;
  std::vector<Dataset> batches;
};

static Work& work(const Request& request) {
  static std::map<Request, std::unique_ptr<Work>> known;
  std::unique_ptr<Work>& found = known[request];
  if (!found) found = std::make_unique<Work>(request);
  return *found;
}

// The one that was asked for last, so that only one of the long ones is in memory.
static Layer& layer(Index steps, Index batch, Index inputs, Index n) {
  static std::unique_ptr<Layer> last;
  if (!last || last->x.steps() != steps)
    last = std::make_unique<Layer>(LayerShape{.steps = steps, .batch = batch, .inputs = inputs, .n = n});
  return *last;
}

static Seconds answer(std::istream& words, const std::string& wanted) {
  if (wanted == "train" || wanted == "forward") {
    Request request;
    if (words >> request.cell >> request.steps >> request.batch >> request.threads >> request.images) {
      auto& [learner, batches] = work(request);
      const Stopwatch watch;
      if (wanted == "train") {
        learner.train();
      } else {
        for (const Dataset& batch : batches) learner.evaluate(batch);
      }
      return watch.spent();
    }
  }
  Index steps = 0, batch = 0, inputs = 0, n = 0;
  if (wanted == "layer" && words >> steps >> batch >> inputs >> n) {
    Layer& unrolled = layer(steps, batch, inputs, n);
    const Stopwatch watch;
    unrolled.run();
    return watch.spent();
  }
  throw std::invalid_argument("cannot do \"" + wanted + '"');
}

int main() {
  std::string line;
  while (std::getline(std::cin, line)) {
    std::istringstream words(line);
    std::string wanted;
    words >> wanted;
    if (wanted == "memory") {
      rusage usage{};
      getrusage(RUSAGE_SELF, &usage);
      std::cout << usage.ru_maxrss / 1024 << " 0" << std::endl;
    } else {
      const Seconds seconds = answer(words, wanted);
      std::cout << seconds.wall << ' ' << seconds.cpu << std::endl;
    }
  }
  return 0;
}
