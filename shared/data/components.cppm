/// Connected components: which pixels touch one another.
export module rnn.data.components;

import rnn.base.std;
import rnn.data.plane;

export namespace rnn {

/// A yes or no for each pixel.
struct Mask {
  int rows = 0;
  int columns = 0;
  std::vector<std::uint8_t> values;

  inline std::uint8_t& operator()(int i, int j) {
    return values[std::size_t(i) * std::size_t(columns) + std::size_t(j)];
  }
  inline bool operator()(int i, int j) const {
    return values[std::size_t(i) * std::size_t(columns) + std::size_t(j)] != 0;
  }
  inline int shorter() const { return std::min(rows, columns); }
  inline bool holds(int i, int j) const { return i >= 0 && j >= 0 && i < rows && j < columns; }
};

/// Where the plane is greater than `threshold`.
Mask above(const Plane& plane, float threshold);
Mask transposed(const Mask& mask);
Mask inverse(Mask mask);

/// Pixels connected by their sides or corners.
struct Component {
  Box box;
  int area = 0;
};

/// The components of a mask: pixel p belongs to components[label[p]], or to none where label[p] < 0.
struct Components {
  int rows = 0;
  int columns = 0;
  std::vector<int> label;
  std::vector<Component> components;

  inline int label_at(int i, int j) const { return label[std::size_t(i) * std::size_t(columns) + std::size_t(j)]; }
};

/// Finds them row by row and unites those that meet. Source: A. Rosenfeld and J. L. Pfaltz, Sequential operations in
/// digital picture processing, Journal of the ACM 13 (1966).
Components components_of(const Mask& mask);

/// The distance of each pixel from the nearest one of the mask, in pixels; 0 in the mask. Measured by chamfer 3-4, so
/// up to 8% off. Source: G. Borgefors, Distance transformations in digital images, Computer Vision, Graphics, and
/// Image Processing 34 (1986).
Plane distance_to(const Mask& mask);

}  // namespace rnn
