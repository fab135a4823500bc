#include "exercise.hpp"

import rnn.linalg.elementwise;
import rnn.linalg.matrix;
import rnn.linalg.products;

using namespace rnn;

WeightGradients weight_gradients(const Sequence& x, const Sequence& h, const Sequence& da) {
  WeightGradients d;

  // Σ x[t]ᵀ·da[t] over the steps, and in each a sum over the batch: together a sum over all T·batch rows.
  d.dw_x = product(transposed(x.rows()), da.rows());  // (inputs × n) = (inputs × T·batch)·(T·batch × n)

  // da[t] is paired with h[t − 1]: h without its last step, da without its first. The zero state adds nothing.
  const Index rows = (x.steps() - 1) * x.batch();
  d.dw_y = product(transposed(h.rows().rows_from(0, rows)), da.rows().rows_from(x.batch(), rows));

  d.db = Matrix(1, da.features(), Real(0));
  add_column_sums(da.rows(), d.db);
  return d;
}
