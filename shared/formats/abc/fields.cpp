module;
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

// What headers and chord symbols mean.
module rnn.formats.abc;

import rnn.base.text;
import rnn.data.melody;

namespace rnn::abc {

namespace {

std::string quoted(std::string_view text) { return '"' + printable(shortened(text, 40)) + '"'; }

/// A whole number from 1 to 999 at the front of the text, which it is taken from; 0 when there is none.
std::uint32_t take_small_number(std::string_view& text) {
  const std::uint32_t number = take_number<std::uint32_t>(text).value_or(0);
  return number <= 999 ? number : 0;
}

/// "3/4"; nothing when it is something else, or not all of the text.
std::optional<Fraction> parse_fraction(std::string_view text) {
  const std::uint32_t above = take_small_number(text);
  if (above == 0 || text.empty() || text[0] != '/') return {};
  text.remove_prefix(1);
  const std::uint32_t below = take_small_number(text);
  if (below == 0 || !text.empty()) return {};
  return Fraction{above, below};
}

bool is_power_of_2(std::uint32_t number) { return number != 0 && (number & (number - 1)) == 0; }

}  // namespace

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\f\v";
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

Meter parse_meter(std::string_view value) {
  if (value == "C" || value == "none" || value.empty()) return {4, 4};
  if (value == "C|") return {2, 2};
  std::string sum;  // (2+3)/8 is 5/8
  std::uint32_t beats = 0;
  for (std::string_view left = value; !left.empty();) {
    if (left[0] == '(' || left[0] == ')' || left[0] == '+' || left[0] == ' ') {
      left.remove_prefix(1);
    } else if (left[0] == '/') {
      left.remove_prefix(1);
      const std::uint32_t unit = take_small_number(left);
      if (!left.empty() || !is_power_of_2(unit) || unit > 64 || beats == 0 || beats > 64) break;
      return {beats, unit};
    } else if (const std::uint32_t more = take_small_number(left)) {
      beats += more;
    } else {
      break;
    }
  }
  throw Problem{fmt::format("expected a meter such as 6/8, found {}", quoted(value))};
}

Fraction parse_unit_length(std::string_view value) {
  if (value == "1") return {1, 1};
  const std::optional<Fraction> length = parse_fraction(value);
  if (!length || !is_power_of_2(length->below) || length->below > 128 || length->above > 4) {
    throw Problem{fmt::format("expected a length such as 1/8, found {}", quoted(value))};
  }
  return *length;
}

std::map<char, int> signature(int sharps) {
  constexpr std::string_view order = "FCGDAEB";
  std::map<char, int> accidentals;
  for (int i = 0; i < std::min(sharps, 7); ++i) accidentals[order[static_cast<std::size_t>(i)]] = 1;
  for (int i = 0; i < std::min(-sharps, 7); ++i) accidentals[order[static_cast<std::size_t>(6 - i)]] = -1;
  return accidentals;
}

Key parse_key(std::string_view value, std::map<char, int>& accidentals) {
  if (value.empty() || value == "none" || value == "C") return {};
  if (value == "HP" || value == "Hp") {  // the bagpipe's
    accidentals = signature(2);
    return {2, false};
  }
  // Sharps of the major key on each letter, and how many fewer each mode has.
  constexpr std::string_view letters = "FCGDAEB";
  const std::size_t letter = letters.find(value[0]);
  if (letter == std::string_view::npos)
    throw Problem{fmt::format("expected a key such as Am, found {}", quoted(value))};
  int sharps = static_cast<int>(letter) - 1;
  value.remove_prefix(1);
  if (!value.empty() && (value[0] == '#' || value[0] == 'b')) {
    sharps += value[0] == '#' ? 7 : -7;
    value.remove_prefix(1);
  }
  value = trimmed(value);
  std::string mode;
  std::string_view rest_of_it = value;
  while (!rest_of_it.empty() && std::isalpha(static_cast<unsigned char>(rest_of_it[0])) && mode.size() < 12) {
    mode += static_cast<char>(std::tolower(static_cast<unsigned char>(rest_of_it[0])));
    rest_of_it.remove_prefix(1);
  }
  struct Mode {
    std::string_view name;
    int fewer;
    bool minor;
  };
  constexpr std::array<Mode, 9> modes = {{{"maj", 0, false},
                                          {"ion", 0, false},
                                          {"mix", 1, false},
                                          {"dor", 2, true},
                                          {"min", 3, true},
                                          {"aeo", 3, true},
                                          {"phr", 4, true},
                                          {"lyd", -1, false},
                                          {"loc", 5, true}}};
  Key key{sharps, false};
  if (mode == "m") {
    key = {sharps - 3, true};
  } else if (const auto found = std::ranges::find(modes, std::string_view(mode).substr(0, 3), &Mode::name);
             found != modes.end()) {
    key = {sharps - found->fewer, found->minor};
  } else if (!mode.empty() && (mode != "clef" && mode != "treble" && mode != "bass" && mode != "exp")) {
    throw Problem{fmt::format("expected a key such as Am or D mix, found {}", quoted(value))};
  }
  if (key.sharps < -7 || key.sharps > 7) throw Problem{"expected a key of at most 7 sharps or flats, found more"};
  accidentals = signature(mode == "exp" ? 0 : key.sharps);
  // Further accidentals: "D ^c", "A exp _b". Other words, such as "clef=bass", hold none.
  const auto end_of_word = [&](std::size_t from) { return std::min(rest_of_it.find(' ', from), rest_of_it.size()); };
  for (std::size_t i = mode == "clef" ? end_of_word(0) : 0; i + 1 < rest_of_it.size(); ++i) {
    const char sign = rest_of_it[i];
    if (std::isalpha(static_cast<unsigned char>(sign))) i = end_of_word(i);
    if (sign != '^' && sign != '_' && sign != '=') continue;
    const char note = static_cast<char>(std::toupper(static_cast<unsigned char>(rest_of_it[++i])));
    accidentals[note] = sign == '^' ? 1 : sign == '_' ? -1 : 0;
  }
  return key;
}

double parse_tempo(std::string_view value, const Meter& meter, double unless_given) {
  std::string plain;  // without words in quotes
  bool inside = false;
  for (const char c : value.substr(0, 100)) {
    if (c == '"') inside = !inside;
    if (!inside && c != '"' && c != ' ') plain += c;
  }
  std::string_view left = plain;
  // Without a note, the number counts beats: dotted quarters in 6/8.
  double quarters = meter.unit == 8 && meter.beats % 3 == 0 ? 1.5 : 4.0 / meter.unit;
  if (const std::size_t equals = left.find('='); equals != std::string_view::npos) {
    const std::optional<Fraction> note = parse_fraction(left.substr(0, equals));
    quarters = note ? 4.0 * note->above / note->below : 0;  // no note, no tempo
    left.remove_prefix(equals + 1);
  }
  const double tempo = take_small_number(left) * quarters;
  return tempo >= 10 && tempo <= 1000 ? tempo : unless_given;
}

std::optional<Chord> parse_chord(std::string_view name) {
  constexpr std::string_view letters = "C D EF G A B";
  const std::size_t letter = name.empty() || name[0] == ' ' ? std::string_view::npos : letters.find(name[0]);
  if (letter == std::string_view::npos) return {};
  int root = static_cast<int>(letter);
  name = name.substr(1, name.find('/') == std::string_view::npos ? name.size() : name.find('/') - 1);
  if (!name.empty() && (name[0] == '#' || name[0] == 'b')) {
    root += name[0] == '#' ? 1 : 11;
    name.remove_prefix(1);
  }
  const bool minor = name.starts_with("m") && !name.starts_with("maj"),
             seventh = name.find('7') != std::string_view::npos;
  Chord chord{.root = static_cast<std::uint8_t>(root % 12)};
  using Kind = Chord::Kind;
  chord.kind = name.starts_with("dim") ? Kind::diminished
               : minor && seventh      ? Kind::minor_seventh
               : minor                 ? Kind::minor
               : seventh               ? Kind::seventh
                                       : Kind::major;
  return chord;
}

}  // namespace rnn::abc
