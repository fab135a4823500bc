module;
#include <fmt/format.h>

#include <span>
#include <vector>

module rnn.autodiff.operations;

import rnn.autodiff.tape;
import rnn.base.caller;
import rnn.linalg.activation;
import rnn.linalg.elementwise;
import rnn.linalg.matrix;
import rnn.linalg.products;

namespace rnn {

static void require_product(const char* operation, Var a, Var b, Caller caller) {
  if (a.columns() == b.rows()) return;
  throw CallError(
      fmt::format("{}: columns of a ({}) must equal rows of b ({})", operation, shape(a.value()), shape(b.value())),
      caller);
}

static void require_same_shape(const char* operation, Var a, Var b, Caller caller) {
  if (a.rows() == b.rows() && a.columns() == b.columns()) return;
  throw CallError(
      fmt::format("{}: a ({}) and b ({}) must have the same shape", operation, shape(a.value()), shape(b.value())),
      caller);
}

// The gradient of a product y (m × n) = a (m × k) · b (k × n).
static void product_backward(Var a, Var b, ConstView dy) {
  if (a.needs_gradient()) add_product(dy, transposed(b.value()), a.gradient());  // da (m × k) += dy·bᵀ
  if (b.needs_gradient()) add_product(transposed(a.value()), dy, b.gradient());  // db (k × n) += aᵀ·dy
}

// The gradient of an elementwise product y = a ⊙ b, all (m × n).
static void multiply_backward(Var a, Var b, ConstView dy) {
  if (a.needs_gradient()) add_multiplied(dy, b.value(), a.gradient());  // da (m × n) += dy ⊙ b
  if (b.needs_gradient()) add_multiplied(dy, a.value(), b.gradient());  // db (m × n) += dy ⊙ a
}

Var matmul(Var a, Var b, Caller caller) {
  require_product("matmul", a, b, caller);
  Tape& tape = a.tape();
  const Var y = tape.add("MatMul", {a, b}, a.rows(), b.columns(), caller);
  product(a.value(), b.value(), tape.output(y));
  tape.on_backward(y, [=] { product_backward(a, b, y.gradient()); });
  return y;
}

Var add_matmul(Var c, Var a, Var b, Caller caller) {
  require_product("add_matmul", a, b, caller);
  require_shape("add_matmul", "c", c.value(), a.rows(), b.columns(), caller);
  Tape& tape = a.tape();
  const Var y = tape.add("AddMatMul", {c, a, b}, a.rows(), b.columns(), caller);
  copy(c.value(), tape.output(y));
  add_product(a.value(), b.value(), tape.output(y));
  tape.on_backward(y, [=] {
    if (c.needs_gradient()) add(y.gradient(), c.gradient());  // dc (m × n) += dy
    product_backward(a, b, y.gradient());
  });
  return y;
}

Var add(Var a, Var b, Caller caller) {
  require_same_shape("add", a, b, caller);
  Tape& tape = a.tape();
  const Var y = tape.add("Add", {a, b}, a.rows(), a.columns(), caller);
  copy(a.value(), tape.output(y));
  add(b.value(), tape.output(y));
  tape.on_backward(y, [=] {
    if (a.needs_gradient()) add(y.gradient(), a.gradient());  // da (m × n) += dy
    if (b.needs_gradient()) add(y.gradient(), b.gradient());  // db (m × n) += dy
  });
  return y;
}

Var add_bias(Var a, Var bias, Caller caller) {
  require_shape("add_bias", "bias", bias.value(), 1, a.columns(), caller);
  Tape& tape = a.tape();
  const Var y = tape.add("BiasAdd", {a, bias}, a.rows(), a.columns(), caller);
  copy(a.value(), tape.output(y));
  add_bias(bias.value(), tape.output(y));
  tape.on_backward(y, [=] {
    if (a.needs_gradient()) add(y.gradient(), a.gradient());                    // da (m × n) += dy
    if (bias.needs_gradient()) add_column_sums(y.gradient(), bias.gradient());  // dbias (1 × n) += Σ rows of dy
  });
  return y;
}

Var multiply(Var a, Var b, Caller caller) {
  require_same_shape("multiply", a, b, caller);
  Tape& tape = a.tape();
  const Var y = tape.add("Multiply", {a, b}, a.rows(), a.columns(), caller);
  multiply(a.value(), b.value(), tape.output(y));
  tape.on_backward(y, [=] { multiply_backward(a, b, y.gradient()); });
  return y;
}

Var add_multiplied(Var c, Var a, Var b, Caller caller) {
  require_same_shape("add_multiplied", a, b, caller);
  require_shape("add_multiplied", "c", c.value(), a.rows(), a.columns(), caller);
  Tape& tape = a.tape();
  const Var y = tape.add("AddMultiplied", {c, a, b}, a.rows(), a.columns(), caller);
  copy(c.value(), tape.output(y));
  add_multiplied(a.value(), b.value(), tape.output(y));
  tape.on_backward(y, [=] {
    if (c.needs_gradient()) add(y.gradient(), c.gradient());  // dc (m × n) += dy
    multiply_backward(a, b, y.gradient());
  });
  return y;
}

Var scale(Var a, Real factor) {
  Tape& tape = a.tape();
  const Var y = tape.add("Scale", {a}, a.rows(), a.columns());
  copy(a.value(), tape.output(y));
  scale(factor, tape.output(y));
  tape.on_backward(y, [=] { add_scaled(factor, y.gradient(), a.gradient()); });  // da (m × n) += factor·dy
  return y;
}

static const char* operation(Activation f) {
  switch (f) {
    case Activation::tanh: return "Tanh";
    case Activation::sigmoid: return "Sigmoid";
    case Activation::relu: return "Relu";
    default: return "Identity";
  }
}

Var activation(Activation f, Var x) {
  Tape& tape = x.tape();
  const Var y = tape.add(operation(f), {x}, x.rows(), x.columns());
  apply(f, x.value(), tape.output(y));
  tape.on_backward(y, [=] { add_gradient(f, y.value(), y.gradient(), x.gradient()); });  // dx += dy ⊙ f′
  return y;
}
Var tanh(Var x) { return activation(Activation::tanh, x); }
Var sigmoid(Var x) { return activation(Activation::sigmoid, x); }
Var relu(Var x) { return activation(Activation::relu, x); }

Var transpose(Var a) {
  Tape& tape = a.tape();
  const Var y = tape.add("Transpose", {a}, a.columns(), a.rows());
  copy(transposed(a.value()), tape.output(y));
  tape.on_backward(y, [=] { add(transposed(y.gradient()), a.gradient()); });  // da (m × n) += dyᵀ
  return y;
}

Var slice_rows(Var a, Index first, Index count, Caller caller) {
  if (first + count < first || first + count > a.rows()) {
    throw CallError(
        fmt::format("slice_rows: rows {} to {} are not all in a ({})", first, first + count, shape(a.value())), caller);
  }
  Tape& tape = a.tape();
  const Var y = tape.add("Slice", {a}, count, a.columns(), caller);
  copy(a.value().rows_from(first, count), tape.output(y));
  tape.on_backward(y, [=] { add(y.gradient(), a.gradient().rows_from(first, count)); });  // those rows of da += dy
  return y;
}

static Var stack(Tape& tape, std::span<const Var> parts, Index rows, Index columns, Caller caller) {
  for (const Var& part : parts) require_shape("stack", "every part", part.value(), part.rows(), columns, caller);
  const Var y = tape.add("Stack", parts, rows, columns, caller);
  Index row = 0;
  for (const Var& part : parts) {
    copy(part.value(), tape.output(y).rows_from(row, part.rows()));
    row += part.rows();
  }
  const std::span<const Var> kept = tape.keep(parts);
  tape.on_backward(y, [=] {
    Index from = 0;
    for (const Var& part : kept) {
      if (part.needs_gradient()) add(y.gradient().rows_from(from, part.rows()), part.gradient());  // dpart += its rows
      from += part.rows();
    }
  });
  return y;
}

Var stack_rows(std::span<const Var> parts, Caller caller) {
  if (parts.empty()) throw CallError("stack_rows: there must be at least one part", caller);
  Index rows = 0;
  for (const Var& part : parts) rows += part.rows();
  return stack(parts[0].tape(), parts, rows, parts[0].columns(), caller);
}

Var slice_columns(Var a, Index first, Index count, Caller caller) {
  if (first + count < first || first + count > a.columns()) {
    throw CallError(
        fmt::format("slice_columns: columns {} to {} are not all in a ({})", first, first + count, shape(a.value())),
        caller);
  }
  Tape& tape = a.tape();
  const Var y = tape.add("Slice", {a}, a.rows(), count, caller);
  copy(a.value().columns_from(first, count), tape.output(y));
  tape.on_backward(y,
                   [=] { add(y.gradient(), a.gradient().columns_from(first, count)); });  // those columns of da += dy
  return y;
}

Var join_columns(std::span<const Var> parts, Caller caller) {
  if (parts.empty()) throw CallError("join_columns: there must be at least one part", caller);
  Tape& tape = parts[0].tape();
  Index columns = 0;
  for (const Var& part : parts) {
    require_shape("join_columns", "every part", part.value(), parts[0].rows(), part.columns(), caller);
    columns += part.columns();
  }
  const Var y = tape.add("Join", parts, parts[0].rows(), columns, caller);
  Index column = 0;
  for (const Var& part : parts) {
    copy(part.value(), tape.output(y).columns_from(column, part.columns()));
    column += part.columns();
  }
  const std::span<const Var> kept = tape.keep(parts);
  tape.on_backward(y, [=] {
    Index from = 0;
    for (const Var& part : kept) {
      const ConstView dpart = y.gradient().columns_from(from, part.columns());
      if (part.needs_gradient()) add(dpart, part.gradient());  // dpart += its columns of dy
      from += part.columns();
    }
  });
  return y;
}

Var slice_time(SequenceVar x, Index t, Caller caller) {
  if (t >= x.steps) throw CallError(fmt::format("slice_time: step {} of a sequence of {}", t, x.steps), caller);
  return slice_rows(x.rows, t * x.batch, x.batch, caller);
}

SequenceVar stack_time(Tape& tape, std::span<const Var> steps, Index batch, Index features, Caller caller) {
  for (const Var& step : steps) require_shape("stack_time", "every step", step.value(), batch, features, caller);
  return {stack(tape, steps, steps.size() * batch, features, caller), steps.size(), batch};
}

Var choose_rows(std::span<const bool> keep, Var yes, Var no, Caller caller) {
  Tape& tape = yes.tape();
  if (keep.size() != yes.rows()) {
    throw CallError(fmt::format("choose_rows: {} choices for the rows of {}", keep.size(), shape(yes.value())), caller);
  }
  if (!no.empty()) require_same_shape("choose_rows", yes, no, caller);
  const Var inputs[] = {yes, no};
  const Var y = tape.add("ChooseRows", std::span(inputs, no.empty() ? 1 : 2), yes.rows(), yes.columns(), caller);
  const std::span<const bool> chosen = tape.keep(keep);
  for (Index i = 0; i < y.rows(); ++i) {
    const View row = tape.output(y).rows_from(i, 1);
    if (chosen[i]) {
      copy(yes.value().rows_from(i, 1), row);
    } else if (!no.empty()) {
      copy(no.value().rows_from(i, 1), row);
    } else {
      fill(row, Real(0));
    }
  }
  tape.on_backward(y, [=] {
    for (Index i = 0; i < y.rows(); ++i) {
      const Var from = chosen[i] ? yes : no;
      if (from.empty() || !from.needs_gradient()) continue;
      add(y.gradient().rows_from(i, 1), from.gradient().rows_from(i, 1));  // the chosen one's row += dy's row
    }
  });
  return y;
}

static Var scaled_sum(const char* operation, Var a, Real factor) {
  Tape& tape = a.tape();
  const Var y = tape.add(operation, {a}, 1, 1);
  tape.output(y)(0, 0) = static_cast<Real>(sum(a.value()) * double(factor));
  tape.on_backward(y, [=] {
    const Real dy = factor * y.gradient()(0, 0);
    const View da = a.gradient();
    for (Index i = 0; i < da.rows; ++i) {
      for (Index j = 0; j < da.columns; ++j) da(i, j) += dy;  // da (m × n) += factor·dy everywhere
    }
  });
  return y;
}

Var sum(Var a) { return scaled_sum("Sum", a, Real(1)); }

Var mean(Var a, Caller caller) {
  if (a.value().empty()) throw CallError("mean: must have at least one element", caller);
  return scaled_sum("Mean", a, Real(1) / Real(a.value().size()));
}

}  // namespace rnn
