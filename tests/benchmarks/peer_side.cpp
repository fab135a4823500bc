// Our side of ./course bench --peers: does what standard input asks for, and says how long it took.
//
//   train BATCH THREADS IMAGES     one pass over so many drawn digits with the network of chapter 06
//   forward THREADS IMAGES         the same network, evaluated
//   layer STEPS BATCH INPUTS N     a recurrent layer forward and backward
//   memory                         the most that this process has held, in MiB
//
// The answer is a line with two numbers, seconds by the clock and of processor time.

#include <sys/resource.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <tuple>

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

static const Dataset& digits(Index count) {
  static std::map<Index, Dataset> drawn;
  if (!drawn.contains(count)) drawn[count] = draw_digits(count, 1);
  return drawn[count];
}

static Learner& learner(Index batch, unsigned threads, Index images) {
  static std::map<std::tuple<Index, unsigned, Index>, std::unique_ptr<Learner>> learners;
  auto& found = learners[{batch, threads, images}];
  if (!found) found = std::make_unique<Learner>(digits(images), batch, threads);
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
  Index batch = 0, images = 0, steps = 0, inputs = 0, n = 0;
  unsigned threads = 1;
  if (wanted == "train" && words >> batch >> threads >> images) {
    Learner& network = learner(batch, threads, images);
    const Stopwatch watch;
    network.train();
    return watch.spent();
  }
  if (wanted == "forward" && words >> threads >> images) {
    Learner& network = learner(std::min<Index>(1000, images), threads, images);
    const Dataset& data = digits(images);
    const Stopwatch watch;
    network.evaluate(data);
    return watch.spent();
  }
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
