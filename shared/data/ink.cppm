module;
#include <filesystem>

/// The ink of the digit in a picture, told from paper, shadows, frames, lines and specks.
export module rnn.data.ink;

import rnn.data.picture;
import rnn.data.plane;

export namespace rnn {

/// The ink of one digit: `strength` is 0 on paper and about 1 in full ink, and 0 on everything that does not belong to
/// the digit; what is within `box`.
struct Ink {
  Plane strength;
  Box box;
};

/// Finds the ink of the one digit in the picture. Throws FileError, about `name`, where there is none, or more.
Ink find_ink(const Picture& picture, const std::filesystem::path& name);

}  // namespace rnn
