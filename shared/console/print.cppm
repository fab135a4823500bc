/// Prints matrices and sequences for people, with the digits that NumPy shows, so that they can be compared with the
/// notebook's arrays by eye.
export module rnn.console.print;

import rnn.base.std;
import rnn.linalg.matrix;

export namespace rnn {

/// The names of a matrix's axes, such as "batch" and "neurons".
struct Axes {
  std::string_view rows = "rows";
  std::string_view columns = "columns";
};

/// Prints a title with the shape, then one row a line:
///
///     state  (batch 2 x neurons 3)
///       [ 0.29133332 -0.40971285  0.00474932]
///       [-0.99999931 -1.         -0.99999952]
///
/// Columns are aligned at the decimal point. Numbers have the fewest digits that tell them from their neighbors, at
/// most 8 after the point; scientific notation where the numbers are very large or very small. Like NumPy, shows only
/// the first three and the last three along an axis once there are more than 1000 numbers.
void print(std::ostream& out, std::string_view title, ConstView a, Axes axes = {});

/// Prints each example's time steps together, whatever the order in memory:
///
///     outputs  (batch 4 x time 2 x neurons 5)
///       example 0
///         t=0  [ 0.81764299  0.99002373 …]
///         t=1  […]
///
/// `features` is the name of the last axis.
void print(std::ostream& out, std::string_view title, const Sequence& a, std::string_view features = "features");

}  // namespace rnn
