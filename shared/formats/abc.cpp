module;
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

module rnn.formats.abc;

import rnn.base.error;
import rnn.base.file;
import rnn.base.text;
import rnn.data.melody;

namespace rnn {

namespace abc {

namespace {

/// \% is a percent sign, since a plain one begins a comment.
std::string unescaped(std::string text) {
  for (std::size_t i = 0; (i = text.find("\\%", i)) != std::string::npos; ++i) text.erase(i, 1);
  return text;
}

/// Reads the lines of a file and hands each tune over when it is complete.
class Reader {
 public:
  Reader(const std::filesystem::path& path, Bars bars, AbcTunes& result) : path_(path), bars_(bars), result_(result) {}

  void read(std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      ++line_;
      take(text.substr(0, end));
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    end_tune();
  }

 private:
  static bool is_field(std::string_view line) {
    return line.size() >= 2 && line[1] == ':' &&
           ((line[0] >= 'A' && line[0] <= 'Z') || (line[0] >= 'a' && line[0] <= 'z'));
  }

  void take(std::string_view line) {
    const std::string_view whole = line;
    std::size_t comment = line.find('%');
    while (comment != std::string_view::npos && comment > 0 && line[comment - 1] == '\\')
      comment = line.find('%', comment + 1);
    line = line.substr(0, comment);
    line = trimmed(line);
    // A tune ends with an empty line, but one that held only a comment is none.
    if (line.empty()) {
      if (trimmed(whole).empty() && music_) end_tune();
      return;
    }
    if (line.starts_with("X:")) {
      end_tune();
      begin_tune(trimmed(line.substr(2)));
      return;
    }
    if (!inside_ || refused_) return;
    try {
      if (is_field(line)) {
        field(line[0], trimmed(line.substr(2)));
      } else if (music_) {
        music_->read(line, line_);
      } else {
        throw Problem{"expected the headers of a tune to end with K:, found music"};
      }
    } catch (const Problem& problem) {
      refuse(problem, line_);
    }
  }

  void begin_tune(std::string_view number) {
    inside_ = true;
    refused_ = false;
    number_ = printable(shortened(number, 20));
    first_line_ = line_;
    melody_ = {};
    unit_ = {};
    tempo_.clear();
    voice_.reset();
  }

  void field(char name, std::string_view value) {
    switch (name) {
      case 'T':
        if (melody_.title.empty()) melody_.title = unescaped(shortened(value, 200));
        return;
      case 'V': {
        const std::string id(shortened(value.substr(0, value.find_first_of(" \t")), 20));
        if (voice_ && *voice_ != id)
          throw Problem{fmt::format("expected one voice, found a second, {}", printable(id))};
        voice_ = id;
        return;
      }
      case 'M':
      case 'L':
      case 'Q':
      case 'K': break;
      default: return;  // who wrote it, where it is from, lyrics
    }
    if (music_) {
      music_->field(name, value);
    } else if (name == 'M') {
      melody_.meter = parse_meter(value);
    } else if (name == 'L') {
      unit_ = parse_unit_length(value);
    } else if (name == 'Q') {
      tempo_ = std::string(value);
    } else {
      std::map<char, int> accidentals;
      melody_.key = parse_key(value, accidentals);
      // Where no unit is given, it is a sixteenth in meters below 3/4, else an eighth.
      const bool short_bar = 4 * melody_.meter.beats < 3 * melody_.meter.unit;
      music_.emplace(melody_.meter, unit_.value_or(Fraction{1, short_bar ? 16u : 8u}), std::move(accidentals));
    }
  }

  void end_tune() {
    if (!inside_) return;
    inside_ = false;
    if (!refused_) {
      std::uint32_t at = first_line_;
      try {
        if (!music_) throw Problem{"expected the header K:, found the end of the tune"};
        at = line_;
        music_->finish();
        melody_.meter = music_->meter();
        fill_events(melody_, played(music_->items()), bars_, at);
        at = first_line_;
        if (melody_.events.empty()) throw Problem{"expected notes, found none"};
        melody_.tempo = music_->tempo().value_or(parse_tempo(tempo_, melody_.meter, 120));
        result_.tunes.push_back(std::move(melody_));
      } catch (const Problem& problem) {
        refuse(problem, at);
      }
    }
    music_.reset();
  }

  void refuse(const Problem& problem, std::uint32_t line) {
    refused_ = true;
    result_.refused.push_back(
        FileError(path_, fmt::format("line {}, tune {}: {}", line, number_, problem.what)).what());
  }

  const std::filesystem::path& path_;
  Bars bars_;
  AbcTunes& result_;
  std::uint32_t line_ = 0, first_line_ = 0;
  bool inside_ = false, refused_ = false;
  std::string number_, tempo_;
  Melody melody_;
  std::optional<Fraction> unit_;
  std::optional<std::string> voice_;
  std::optional<Music> music_;
};

}  // namespace

}  // namespace abc

AbcTunes parse_abc(std::string_view text, const std::filesystem::path& path, Bars bars) {
  AbcTunes result;
  abc::Reader(path, bars, result).read(text);
  return result;
}

AbcTunes read_abc(const std::filesystem::path& path, Bars bars) {
  constexpr std::size_t largest = std::size_t(64) << 20;
  std::error_code none;
  if (!std::filesystem::is_directory(path, none)) {
    AbcTunes result = parse_abc(read_file(path, largest), path, bars);
    if (result.tunes.empty() && result.refused.empty()) throw FileError(path, "expected tunes in ABC, found none");
    result.files = {path};
    return result;
  }
  AbcTunes all;
  std::vector<std::filesystem::path>& files = all.files;
  for (const auto& entry : std::filesystem::directory_iterator(path, none)) {
    if (has_extension(entry.path(), ".abc")) files.push_back(entry.path());
  }
  if (files.empty()) throw FileError(path, "expected a folder with files whose names end in .abc, found none");
  std::ranges::sort(files);
  for (const std::filesystem::path& file : files) {
    AbcTunes one = parse_abc(read_file(file, largest), file, bars);
    std::ranges::move(one.tunes, std::back_inserter(all.tunes));
    std::ranges::move(one.refused, std::back_inserter(all.refused));
  }
  if (all.tunes.empty() && all.refused.empty()) throw FileError(path, "expected tunes in ABC, found none");
  return all;
}

}  // namespace rnn
