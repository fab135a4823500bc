#include <stdexcept>

#include "exercise.hpp"

import rnn.linalg.matrix;

Settings better_settings() {
  // Settings settings;  settings.… = …;  return settings;
  throw std::logic_error("not implemented");
}
