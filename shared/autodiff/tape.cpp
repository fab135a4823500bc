module;
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

module rnn.autodiff.tape;

import rnn.base.caller;
import rnn.linalg.kernel.packed;
import rnn.linalg.matrix;

namespace rnn {

constexpr std::size_t chunk_size = 1 << 16;

ConstView Var::value() const { return tape_->nodes_[index_].value; }

bool Var::needs_gradient() const { return tape_->nodes_[index_].needs_gradient; }

bool Var::has_gradient() const { return tape_->nodes_[index_].gradient.data != nullptr; }

View Var::gradient() const {
  Tape::Node& node = tape_->nodes_[index_];
  if (node.gradient.data == nullptr) {
    node.gradient = tape_->workspace(node.value.rows, node.value.columns);
    fill(node.gradient, Real(0));
  }
  return node.gradient;
}

Sequence to_sequence(const SequenceVar& x) {
  Sequence copied(x.steps, x.batch, x.features());
  copy(x.rows.value(), copied.rows());
  return copied;
}

Var Tape::push(const Node& node) {
  nodes_.push_back(node);
  nodes_.back().step = step_;
  return {this, static_cast<std::uint32_t>(nodes_.size() - 1)};
}

Var Tape::constant(ConstView value, const char* name) { return push({.operation = name, .value = value}); }

SequenceVar Tape::constant(const Sequence& value, const char* name) {
  return {constant(value.rows(), name), value.steps(), value.batch()};
}

Var Tape::parameter(const char* name, ConstView value, View gradient, Caller caller) {
  require_shape("parameter", "gradient", gradient, value.rows, value.columns, caller);
  return push({.operation = name, .value = value, .gradient = gradient, .needs_gradient = recording()});
}

Var Tape::variable(ConstView value, const char* name) {
  return push({.operation = name, .value = value, .needs_gradient = recording()});
}

SequenceVar Tape::variable(const Sequence& value, const char* name) {
  return {variable(value.rows(), name), value.steps(), value.batch()};
}

Var Tape::add(const char* operation, std::span<const Var> inputs, Index rows, Index columns, Caller caller) {
  return add(operation, inputs, workspace(rows, columns), caller);
}

Var Tape::add(const char* operation, std::span<const Var> inputs, ConstView value, Caller caller) {
  Node node{.operation = operation, .value = value};
  node.first_input = static_cast<std::uint32_t>(inputs_.size());
  node.inputs = static_cast<std::uint32_t>(inputs.size());
  for (const Var& input : inputs) {
    if (&input.tape() != this) throw CallError(std::string(operation) + ": inputs are on different tapes", caller);
    inputs_.push_back(input.index());
    node.needs_gradient = node.needs_gradient || input.needs_gradient();
  }
  return push(node);
}

View Tape::output(Var node) {
  const ConstView value = node.value();  // add() took it from workspace(), where it may be written
  return {const_cast<Real*>(value.data), value.rows, value.columns};
}

void Tape::set_backward(Var node, const void* closure, void (*run)(const void*)) {
  nodes_[node.index()].closure = closure;
  nodes_[node.index()].run = run;
}

View Tape::workspace(Index rows, Index columns) {
  if (used_blocks_ == blocks_.size()) blocks_.emplace_back();
  Block& block = blocks_[used_blocks_++];
  const Index size = std::max<Index>(1, rows * columns);  // even an empty matrix has an address: see has_gradient()
  if (block.size() < size) block = Block(size);
  numbers_kept_ += rows * columns;
  return {block.data(), rows, columns};
}

PackedMatrix& Tape::take_packed(ConstView of) {
  const auto unused = [](const auto& packed) { return !packed->used; };
  const auto found = std::find_if(packed_.begin(), packed_.end(), unused);
  Packed& packed = found != packed_.end() ? **found : *packed_.emplace_back(std::make_unique<Packed>());
  packed.of = of;
  packed.used = true;
  return packed.matrix;
}

const PackedMatrix& Tape::packed(ConstView b) {
  for (const auto& packed : packed_) {
    if (packed->used && packed->of == b) return packed->matrix;
  }
  PackedMatrix& matrix = take_packed(b);
  matrix.pack(b);
  return matrix;
}

PackedMatrix& Tape::packed_workspace(Index rows, Index columns) {
  PackedMatrix& matrix = take_packed({});
  matrix.resize(rows, columns);
  numbers_kept_ += rows * columns;
  return matrix;
}

bool Tape::owns(const Real* number) const {
  const std::less<> before;
  return std::any_of(blocks_.begin(), blocks_.end(), [&](const Block& block) {
    return !before(number, block.data()) && before(number, block.data() + block.size());
  });
}

void* Tape::bytes(std::size_t size, std::size_t alignment) {
  used_bytes_ = (used_bytes_ + alignment - 1) / alignment * alignment;
  if (used_chunks_ == 0 || used_bytes_ + size > chunks_[used_chunks_ - 1].size()) {
    if (used_chunks_ == chunks_.size()) chunks_.emplace_back();
    std::vector<std::byte>& next = chunks_[used_chunks_++];
    if (next.size() < size) next = std::vector<std::byte>(std::max(size, chunk_size));
    used_bytes_ = 0;
  }
  std::byte* const place = chunks_[used_chunks_ - 1].data() + used_bytes_;
  used_bytes_ += size;
  return place;
}

void Tape::backward(Var loss, Caller caller) {
  if (!recording()) throw CallError("backward: this tape only evaluates and has recorded nothing", caller);
  if (&loss.tape() != this) throw CallError("backward: loss is on another tape", caller);
  require_shape("backward", "loss", loss.value(), 1, 1, caller);
  if (walked_back_) throw CallError("backward: gradients would be added twice; clear the tape first", caller);
  walked_back_ = true;
  loss.gradient()(0, 0) += Real(1);
  for (Index i = loss.index() + 1; i-- > 0;) {
    const Node node = nodes_[i];
    if (node.run != nullptr && node.gradient.data != nullptr) node.run(node.closure);
  }
}

void Tape::forget_packed(Outside outside) {
  for (const auto& packed : packed_) {
    const bool stays = outside == Outside::unchanged && packed->of.data != nullptr && !owns(packed->of.data);
    packed->used = packed->used && stays;
  }
}

void Tape::clear(Outside outside) {
  forget_packed(outside);
  nodes_.clear();
  inputs_.clear();
  used_blocks_ = used_chunks_ = 0;
  numbers_kept_ = 0;
  step_ = no_step;
  walked_back_ = false;
}

Index Tape::bytes_kept() const { return numbers_kept_ * sizeof(Real); }

NodeInfo Tape::info(Index node) const {
  const Node& n = nodes_.at(node);
  return {n.operation, std::span(inputs_).subspan(n.first_input, n.inputs), n.step, n.value.rows, n.value.columns};
}

}  // namespace rnn
