/// Planes of numbers, one per pixel, and filters.
export module rnn.data.plane;

import rnn.base.std;

export namespace rnn {

/// Rows top … bottom − 1, columns left … right − 1.
struct Box {
  int top = 0, bottom = 0, left = 0, right = 0;

  inline int height() const { return bottom - top; }
  inline int width() const { return right - left; }
  inline int longer() const { return std::max(height(), width()); }
  inline int shorter() const { return std::min(height(), width()); }
  bool operator==(const Box&) const = default;
};

/// The smallest box that holds both.
Box unite(const Box& a, const Box& b);
/// Where both boxes overlap; an empty box if they do not.
Box intersect(const Box& a, const Box& b);
/// The box grown by `margin` on every side, within rows × columns.
Box grow(const Box& box, int margin, int rows, int columns);

/// A number for each pixel: (i, j) is values[i * columns + j].
struct Plane {
  int rows = 0;
  int columns = 0;
  std::vector<float> values;

  inline float& operator()(int i, int j) { return values[std::size_t(i) * std::size_t(columns) + std::size_t(j)]; }
  inline float operator()(int i, int j) const { return values[std::size_t(i) * std::size_t(columns) + std::size_t(j)]; }
  inline Box whole() const { return {0, rows, 0, columns}; }
  inline int shorter() const { return std::min(rows, columns); }
};

/// A plane of this size with the same number everywhere.
Plane filled(int rows, int columns, float value);

/// Each pixel the mean of factor × factor pixels, or of as many as are left at the right and at the bottom.
Plane shrink(const Plane& plane, int factor);
/// Enlarges a plane that was shrunk by `factor` to the size of `like`, interpolating linearly.
Plane enlarge(const Plane& plane, int factor, const Plane& like);

/// The mean over a square of 2 · radius + 1 pixels, as far as it lies within the plane.
Plane box_mean(const Plane& plane, int radius);
/// The median over such a square, which removes dust and keeps edges.
Plane median(const Plane& plane, int radius);
/// The largest or the smallest value in such a square. Source: M. van Herk, A fast algorithm for local minimum and
/// maximum filters on rectangular and octagonal kernels, Pattern Recognition Letters 13 (1992).
Plane largest(const Plane& plane, int radius);
Plane smallest(const Plane& plane, int radius);

/// The standard deviation of the noise, from the median response of a mask that is blind to edges; 0 if there are too
/// few pixels to tell. Source: J. Immerkær, Fast noise variance estimation, Computer
/// Vision and Image Understanding 64 (1996).
float noise_of(const Plane& plane);

/// The value below which `part` (0 to 1) of the values are.
float quantile(std::vector<float> values, double part);

}  // namespace rnn
