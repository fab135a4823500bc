module;
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

module rnn.data.components;

namespace rnn {

Mask above(const Plane& plane, float threshold) {
  Mask mask{plane.rows, plane.columns, std::vector<std::uint8_t>(plane.values.size())};
  for (std::size_t p = 0; p < plane.values.size(); ++p) mask.values[p] = plane.values[p] > threshold;
  return mask;
}

Mask transposed(const Mask& mask) {
  Mask result{mask.columns, mask.rows, std::vector<std::uint8_t>(mask.values.size())};
  for (int i = 0; i < mask.rows; ++i) {
    for (int j = 0; j < mask.columns; ++j) result(j, i) = mask(i, j);
  }
  return result;
}

Mask inverse(Mask mask) {
  for (std::uint8_t& value : mask.values) value = !value;
  return mask;
}

namespace {

/// Sets that can be united: each label points to another one of its set, and the first of a set to itself.
class Sets {
 public:
  int add() {
    parent_.push_back(int(parent_.size()));
    return parent_.back();
  }
  int first(int label) {
    while (at(label) != label) {
      at(label) = at(at(label));
      label = at(label);
    }
    return label;
  }
  void unite(int a, int b) {
    a = first(a), b = first(b);
    at(std::max(a, b)) = std::min(a, b);
  }
  std::size_t size() const { return parent_.size(); }

 private:
  int& at(int label) { return parent_[std::size_t(label)]; }
  std::vector<int> parent_;
};

}  // namespace

Components components_of(const Mask& mask) {
  Components result{mask.rows, mask.columns, std::vector<int>(mask.values.size(), -1), {}};
  const auto label = [&](int i, int j) -> int& {
    return result.label[std::size_t(i) * std::size_t(mask.columns) + std::size_t(j)];
  };
  Sets sets;
  for (int i = 0; i < mask.rows; ++i) {
    for (int j = 0; j < mask.columns; ++j) {
      if (!mask(i, j)) continue;
      int here = -1;
      const auto meet = [&](int y, int x) {
        if (!mask.holds(y, x) || !mask(y, x)) return;
        if (here < 0)
          here = label(y, x);
        else
          sets.unite(here, label(y, x));
      };
      meet(i, j - 1), meet(i - 1, j - 1), meet(i - 1, j), meet(i - 1, j + 1);
      label(i, j) = here < 0 ? sets.add() : here;
    }
  }
  std::vector<int> number(sets.size(), -1);  // of the component, for the first label of each set
  for (int i = 0; i < mask.rows; ++i) {
    for (int j = 0; j < mask.columns; ++j) {
      int& here = label(i, j);
      if (here < 0) continue;
      const auto first = std::size_t(sets.first(here));
      const Box pixel{i, i + 1, j, j + 1};
      if (number[first] < 0) {
        number[first] = int(result.components.size());
        result.components.push_back({pixel, 0});
      }
      here = number[first];
      Component& component = result.components[std::size_t(here)];
      component.box = unite(component.box, pixel);
      ++component.area;
    }
  }
  return result;
}

Plane distance_to(const Mask& mask) {
  constexpr float far = 1e9f, side = 1, corner = 4 / 3.0f;
  Plane padded = filled(mask.rows + 2, mask.columns + 2, far);  // on all sides, so that every pixel has neighbors
  for (int i = 0; i < mask.rows; ++i) {
    for (int j = 0; j < mask.columns; ++j) {
      if (mask(i, j)) padded(i + 1, j + 1) = 0;
    }
  }
  for (int i = 1; i <= mask.rows; ++i) {
    for (int j = 1; j <= mask.columns; ++j) {
      const float beside = std::min(padded(i, j - 1), padded(i - 1, j)) + side;
      const float diagonal = std::min(padded(i - 1, j - 1), padded(i - 1, j + 1)) + corner;
      padded(i, j) = std::min(padded(i, j), std::min(beside, diagonal));
    }
  }
  Plane distance = filled(mask.rows, mask.columns, far);
  for (int i = mask.rows; i > 0; --i) {
    for (int j = mask.columns; j > 0; --j) {
      const float beside = std::min(padded(i, j + 1), padded(i + 1, j)) + side;
      const float diagonal = std::min(padded(i + 1, j + 1), padded(i + 1, j - 1)) + corner;
      padded(i, j) = std::min(padded(i, j), std::min(beside, diagonal));
      distance(i - 1, j - 1) = padded(i, j);
    }
  }
  return distance;
}

}  // namespace rnn
