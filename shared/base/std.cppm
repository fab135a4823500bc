module;
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <istream>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <source_location>
#include <span>
#include <stdexcept>
#include <streambuf>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

/// What our interfaces use of the standard library. C++23's `import std` would replace this module; Debian 12's library
/// does not have it yet. An interface that included <string> and <filesystem> itself would carry both in its BMI, and
/// the compiler would have to merge as many copies as there are imports. A name that is missing here is added where it
/// belongs; not an operator or a function that a class of the library calls its friend, make_shared for instance: Clang
/// 19 refuses to instantiate such a class where both are visible.
export module rnn.base.std;

export namespace std {

using std::byte, std::size_t;
using std::int16_t, std::int32_t, std::int64_t;
using std::uint16_t, std::uint32_t, std::uint64_t, std::uint8_t;

using std::array, std::initializer_list, std::map, std::optional, std::pair, std::unordered_map, std::variant,
    std::vector;
using std::as_writable_bytes, std::span;
using std::atomic, std::function, std::monostate, std::source_location;
using std::shared_ptr, std::unique_ptr;
using std::string, std::string_view;

using std::errc, std::from_chars;
using std::exception_ptr, std::invalid_argument, std::runtime_error;
using std::FILE, std::istream, std::ostream, std::streambuf;

using std::addressof, std::forward, std::move;
using std::exp, std::max, std::memcpy, std::min, std::numeric_limits, std::tanh;

using std::conditional_t, std::index_sequence, std::make_index_sequence, std::remove_cvref_t, std::remove_reference_t;
using std::invocable, std::is_invocable_r_v, std::is_same_v, std::is_trivially_copyable_v,
    std::is_trivially_destructible_v;

namespace filesystem {
using std::filesystem::path;
}

namespace chrono {
using std::chrono::milliseconds, std::chrono::seconds, std::chrono::steady_clock;
}

}  // namespace std
