/// The words of a melody: its pitches, durations and places in the bar as small numbers, for everything that predicts.
export module rnn.data.event_vocabulary;

import rnn.base.std;
import rnn.data.melody;

export namespace rnn {

/// Where in which bar: the length of the bar tells 3/4 from 4/4, though not from 6/8, so the meter is a part of it.
struct BarPlace {
  Meter meter;
  Ticks position;
  bool operator==(const BarPlace&) const = default;
};

/// A melody in numbers. Prediction t is about event t, from the events before it and the place where it begins. The
/// last "event" of all is the end of the tune, which has a pitch of its own, end_of_tune, and no duration.
struct EncodedMelody {
  std::vector<std::uint32_t> pitch, duration, place;  // one more than the melody has events
  inline std::size_t size() const { return pitch.size(); }
};

class EventVocabulary {
 public:
  /// The number of the end among the pitches, and of "nothing yet" among pitches and durations: what stands before the
  /// first event.
  static constexpr std::uint32_t end_of_tune = 0;

  EventVocabulary() = default;
  /// All that occurs in these melodies.
  explicit EventVocabulary(std::span<const Melody> melodies);
  /// The reverse of `text`. Throws std::invalid_argument, one line.
  explicit EventVocabulary(const std::string& text);

  /// How many different numbers there are. Pitches begin with the end, durations with none, places with "any other".
  inline std::size_t pitches() const { return pitches_.size() + 1; }
  inline std::size_t durations() const { return durations_.size() + 1; }
  inline std::size_t places() const { return places_.size() + 1; }

  /// The pitch and the duration of a number, which must not be 0.
  inline int pitch(std::size_t number) const { return pitches_.at(number - 1); }
  inline Ticks duration(std::size_t number) const { return durations_.at(number - 1); }

  /// The numbers; 0 for what is not known.
  std::uint32_t number_of_pitch(int pitch) const;
  std::uint32_t number_of_duration(Ticks duration) const;
  std::uint32_t number_of_place(const BarPlace& place) const;

  /// True when all pitches and durations are known. Places may be new: they are all called 0.
  bool knows(const Melody& melody) const;
  /// Throws std::invalid_argument, one line, when a pitch or duration is not known.
  EncodedMelody encode(const Melody& melody) const;

  /// Pitch and duration as one number below `events()`, for models that predict them together.
  inline std::uint32_t event(std::uint32_t pitch, std::uint32_t duration) const {
    return pitch * static_cast<std::uint32_t>(durations()) + duration;
  }
  inline std::size_t events() const { return pitches() * durations(); }
  /// How many of these can occur: the end, and each pitch with each duration.
  inline std::size_t possible_events() const { return pitches_.size() * durations_.size() + 1; }

  /// As text for a file's metadata.
  std::string text() const;

  bool operator==(const EventVocabulary& other) const;

 private:
  std::vector<int> pitches_;
  std::vector<Ticks> durations_;
  std::vector<BarPlace> places_;
};

}  // namespace rnn
