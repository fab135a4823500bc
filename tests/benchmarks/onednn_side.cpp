// oneDNN's side of ./course bench --peers: its recurrent primitives do what standard input asks for.
//
//   train CELL STEPS BATCH THREADS IMAGES     forward, backward, and the gradients of the weights, batch after batch
//   forward CELL STEPS BATCH THREADS IMAGES   forward alone
//
// CELL is rnn, gru (oneDNN's "linear before reset", which is PyTorch's) or lstm; an image has 784 numbers. The answer
// is a line with two numbers, seconds by the clock and of processor time. Only the recurrent layer is computed: no
// dense layer, no loss, no optimizer. Each batch begins with the weights in plain order, as an optimizer would leave
// them, and its gradients end there.

#include <dnnl.hpp>

#include <compare>
#include <cstring>
#include <iostream>
#include <map>
#include <memory>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

#include "stopwatch.hpp"

extern "C" void omp_set_num_threads(int);  // Clang has no omp.h without its own OpenMP; Debian's oneDNN has GCC's

using dnnl::memory;
using rnn::bench::Seconds;
using rnn::bench::Stopwatch;

namespace {

constexpr int neurons = 100, numbers_of_image = 784;

struct Request {
  std::string cell;
  int steps = 0, batch = 0, threads = 0, images = 0;
  bool training = false;
  auto operator<=>(const Request&) const = default;
};

// What the primitives work on. The weights are in whatever order suits a primitive.
struct Shapes {
  using Tag = memory::format_tag;
  static memory::desc of(const memory::dims& dims, Tag tag) { return {dims, memory::data_type::f32, tag}; }
  Shapes(const Request& request, int gates, int biases)
      : xs(of({request.steps, request.batch, numbers_of_image / request.steps}, Tag::tnc)),
        hs(of({request.steps, request.batch, neurons}, Tag::tnc)),
        h(of({1, 1, request.batch, neurons}, Tag::ldnc)),
        w_x(of({1, 1, numbers_of_image / request.steps, gates, neurons}, Tag::any)),
        w_y(of({1, 1, neurons, gates, neurons}, Tag::any)),
        b(of({1, 1, biases, neurons}, Tag::ldgo)) {}
  memory::desc xs, hs, h, w_x, w_y, b;
};

constexpr auto direction = dnnl::rnn_direction::unidirectional_left2right;
constexpr auto backward = dnnl::prop_kind::backward;

struct Basic {
  using Forward = dnnl::vanilla_rnn_forward;
  using Backward = dnnl::vanilla_rnn_backward;
  static constexpr int gates = 1, biases = 1, states = 1;
  static constexpr auto f = dnnl::algorithm::eltwise_tanh;
  static Forward::desc forward_of(dnnl::prop_kind kind, const Shapes& s) {
    return {kind, f, direction, s.xs, s.h, s.w_x, s.w_y, s.b, s.hs, s.h};
  }
  static Backward::desc backward_of(const Shapes& s) {
    return {backward, f, direction, s.xs, s.h, s.w_x, s.w_y, s.b, s.hs, s.h, s.xs, s.h, s.w_x, s.w_y, s.b, s.hs, s.h};
  }
};

struct Gru {
  using Forward = dnnl::lbr_gru_forward;
  using Backward = dnnl::lbr_gru_backward;
  static constexpr int gates = 3, biases = 4, states = 1;
  static Forward::desc forward_of(dnnl::prop_kind kind, const Shapes& s) {
    return {kind, direction, s.xs, s.h, s.w_x, s.w_y, s.b, s.hs, s.h};
  }
  static Backward::desc backward_of(const Shapes& s) {
    return {backward, direction, s.xs, s.h, s.w_x, s.w_y, s.b, s.hs, s.h, s.xs, s.h, s.w_x, s.w_y, s.b, s.hs, s.h};
  }
};

struct Lstm {
  using Forward = dnnl::lstm_forward;
  using Backward = dnnl::lstm_backward;
  static constexpr int gates = 4, biases = 4, states = 2;
  static Forward::desc forward_of(dnnl::prop_kind kind, const Shapes& s) {
    return {kind, direction, s.xs, s.h, s.h, s.w_x, s.w_y, s.b, s.hs, s.h, s.h};
  }
  static Backward::desc backward_of(const Shapes& s) {
    return {backward, direction, s.xs, s.h, s.h,   s.w_x, s.w_y, s.b,  s.hs, s.h,
            s.h,      s.xs,      s.h,  s.h, s.w_x, s.w_y, s.b,   s.hs, s.h,  s.h};
  }
};

struct Layer {
  virtual ~Layer() = default;
  virtual void run() = 0;
};

template <class Cell>
class LayerOf final : public Layer {
 public:
  explicit LayerOf(const Request& request)
      : shapes_(request, Cell::gates, Cell::biases),
        forward_desc_(
            Cell::forward_of(request.training ? dnnl::prop_kind::forward_training : dnnl::prop_kind::forward_inference,
                             shapes_),
            engine_),
        forward_(forward_desc_) {
    w_x_ = in_plain_order(shapes_.w_x);
    w_y_ = in_plain_order(shapes_.w_y);
    forward_arguments_[DNNL_ARG_SRC_LAYER] = random(shapes_.xs);
    forward_arguments_[DNNL_ARG_BIAS] = random(shapes_.b);
    forward_arguments_[DNNL_ARG_DST_LAYER] = zeros(shapes_.hs);
    // Version 2.6 computes wrong gradients of the weights where the first state is zero because none was given.
    for (const int state : {DNNL_ARG_SRC_ITER, DNNL_ARG_DST_ITER}) forward_arguments_[state] = zeros(shapes_.h);
    if (Cell::states == 2) {
      for (const int state : {DNNL_ARG_SRC_ITER_C, DNNL_ARG_DST_ITER_C}) forward_arguments_[state] = zeros(shapes_.h);
    }
    bring(w_x_, forward_desc_.weights_layer_desc(), DNNL_ARG_WEIGHTS_LAYER, forward_arguments_, before_forward_);
    bring(w_y_, forward_desc_.weights_iter_desc(), DNNL_ARG_WEIGHTS_ITER, forward_arguments_, before_forward_);
    if (request.training) prepare_backward();
  }

  void run() override {
    make(before_forward_);
    forward_.execute(stream_, forward_arguments_);
    if (backward_.get(true) != nullptr) {
      for (const int name : accumulated_) clear(backward_arguments_.at(name));  // the primitive adds to them
      make(before_backward_);
      backward_.execute(stream_, backward_arguments_);
      make(after_backward_);
    }
    stream_.wait();
  }

 private:
  using Arguments = std::unordered_map<int, memory>;
  struct Copy {
    dnnl::reorder primitive;
    memory from, to;
  };

  void prepare_backward() {
    const typename Cell::Backward::primitive_desc desc(Cell::backward_of(shapes_), engine_, forward_desc_);
    backward_ = typename Cell::Backward(desc);
    forward_arguments_[DNNL_ARG_WORKSPACE] = zeros(desc.workspace_desc());
    Arguments& arguments = backward_arguments_ = forward_arguments_;
    bring(w_x_, desc.weights_layer_desc(), DNNL_ARG_WEIGHTS_LAYER, arguments, before_backward_);
    bring(w_y_, desc.weights_iter_desc(), DNNL_ARG_WEIGHTS_ITER, arguments, before_backward_);
    arguments[DNNL_ARG_DIFF_SRC_LAYER] = zeros(shapes_.xs);
    arguments[DNNL_ARG_DIFF_WEIGHTS_LAYER] = zeros(desc.diff_weights_layer_desc());
    arguments[DNNL_ARG_DIFF_WEIGHTS_ITER] = zeros(desc.diff_weights_iter_desc());
    arguments[DNNL_ARG_DIFF_BIAS] = zeros(shapes_.b);
    arguments[DNNL_ARG_DIFF_DST_LAYER] = zeros(shapes_.hs);
    arguments[DNNL_ARG_DIFF_SRC_ITER] = zeros(shapes_.h);
    arguments[DNNL_ARG_DIFF_DST_ITER] = random(shapes_.h);  // the last state is what a classifier looks at
    if (Cell::states == 2) {
      for (const int c : {DNNL_ARG_DIFF_SRC_ITER_C, DNNL_ARG_DIFF_DST_ITER_C}) arguments[c] = zeros(shapes_.h);
    }
    take(arguments.at(DNNL_ARG_DIFF_WEIGHTS_LAYER), shapes_.w_x);
    take(arguments.at(DNNL_ARG_DIFF_WEIGHTS_ITER), shapes_.w_y);
  }

  // An argument in the primitive's own order, to which a copy brings the plain one before each run.
  void bring(const memory& plain, const memory::desc& desc, int name, Arguments& arguments, std::vector<Copy>& copies) {
    if (desc == plain.get_desc()) {
      arguments[name] = plain;
    } else {
      arguments[name] = zeros(desc);
      copies.push_back({dnnl::reorder(plain, arguments[name]), plain, arguments[name]});
    }
  }
  void take(const memory& result, const memory::desc& like) {
    const memory plain = in_plain_order(like);
    if (result.get_desc() != plain.get_desc()) {
      after_backward_.push_back({dnnl::reorder(result, plain), result, plain});
    }
  }
  void make(std::vector<Copy>& copies) {
    for (auto& [primitive, from, to] : copies) primitive.execute(stream_, from, to);
  }

  memory random(const memory::desc& desc) {
    const memory all = zeros(desc);
    std::normal_distribution<float> normal(0, 0.1F);
    auto* const data = static_cast<float*>(all.get_data_handle());
    for (std::size_t i = 0; i < desc.get_size() / sizeof(float); ++i) data[i] = normal(generator_);
    return all;
  }
  memory in_plain_order(const memory::desc& desc) { return random(Shapes::of(desc.dims(), Shapes::Tag::ldigo)); }
  memory zeros(const memory::desc& desc) {
    const memory all(desc, engine_);
    clear(all);
    return all;
  }
  static void clear(const memory& all) { std::memset(all.get_data_handle(), 0, all.get_desc().get_size()); }

  std::mt19937 generator_{1};
  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_{engine_};
  Shapes shapes_;
  typename Cell::Forward::primitive_desc forward_desc_;
  typename Cell::Forward forward_;
  typename Cell::Backward backward_;
  memory w_x_, w_y_;
  Arguments forward_arguments_, backward_arguments_;
  std::vector<Copy> before_forward_, before_backward_, after_backward_;
  static constexpr int accumulated_[] = {DNNL_ARG_DIFF_WEIGHTS_LAYER, DNNL_ARG_DIFF_WEIGHTS_ITER, DNNL_ARG_DIFF_BIAS};
};

Layer& layer(const Request& request) {
  static std::map<Request, std::unique_ptr<Layer>> known;
  std::unique_ptr<Layer>& found = known[request];
  if (!found) {
    if (request.cell == "rnn") found = std::make_unique<LayerOf<Basic>>(request);
    if (request.cell == "gru") found = std::make_unique<LayerOf<Gru>>(request);
    if (request.cell == "lstm") found = std::make_unique<LayerOf<Lstm>>(request);
    if (!found) throw std::invalid_argument("there is no cell " + request.cell);
  }
  return *found;
}

Seconds answer(const std::string& line) {
  std::istringstream words(line);
  std::string wanted;
  Request request;
  words >> wanted >> request.cell >> request.steps >> request.batch >> request.threads >> request.images;
  if (!words || (wanted != "train" && wanted != "forward")) throw std::invalid_argument("cannot do \"" + line + '"');
  request.training = wanted == "train";
  omp_set_num_threads(request.threads);  // also before a primitive is made: it plans for so many
  Layer& work = layer(request);
  const Stopwatch watch;
  for (int done = 0; done + request.batch <= request.images; done += request.batch) work.run();
  return watch.spent();
}

}  // namespace

int main() try {
  std::string line;
  while (std::getline(std::cin, line)) {
    const Seconds seconds = answer(line);
    std::cout << seconds.wall << ' ' << seconds.cpu << std::endl;
  }
  return 0;
} catch (const std::exception& error) {
  std::cerr << "onednn_side: " << error.what() << '\n';
  return 2;
}
