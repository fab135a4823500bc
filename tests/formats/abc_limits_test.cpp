#include <boost/test/unit_test.hpp>
#include <string>
#include <utility>
#include <vector>

#include "../support/abc.hpp"

import rnn.data.melody;
import rnn.formats.abc;

using namespace rnn;
using namespace rnn::testing;

// Headers and signs one by one, up to their limits, as the ABC standard 2.1 describes them.

namespace {

Melody with(const std::string& headers, const std::string& notes = "c") {
  return read("X:1\n" + headers + "K:C\n" + notes + "\n");
}

/// The pitches of notes in a key.
std::string pitches_in(const std::string& key, const std::string& notes) {
  return pitches(read("X:1\nK:" + key + "\n" + notes + "\n"));
}

/// What is refused about music, or about a header.
std::string refused(const std::string& notes) {
  const std::string message = refusal(head + notes + "\n");
  return message.substr(message.find(": expected") + 2);
}
void headers_are_refused(const std::vector<std::string>& headers) {
  for (const std::string& header : headers) {
    const std::string message = refusal("X:1\n" + header + (header[0] == 'K' ? "\nc\n" : "\nK:C\nc\n"));
    const std::string kind = header[0] == 'M' ? "meter such as 6/8" : header[0] == 'L' ? "length such as 1/8" : "key ";
    BOOST_TEST(message.find(": expected a " + kind) != std::string::npos, header << ": " << message);
  }
}

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(meters_are_sums_over_powers_of_two) {
  const std::vector<std::pair<std::string, Meter>> meters = {
      {"C", {4, 4}},           {"none", {4, 4}},        {"", {4, 4}},
      {"C|", {2, 2}},          {"1/1", {1, 1}},         {"64/64", {64, 64}},
      {"3 + 2 + 3/8", {8, 8}}, {"(2+3+2)/16", {7, 16}}, {"9/8", {9, 8}}};
  for (const auto& [text, meter] : meters) BOOST_TEST((with("M:" + text + "\n").meter == meter), text);
  headers_are_refused(
      {"M:65/64", "M:4/128", "M:4/4+4/4", "M:4/0", "M:/4", "M:1000/4", "M:4/4x", "M:4", "M:x/4", "M:4/6", "M:0/4"});
}

BOOST_AUTO_TEST_CASE(unit_lengths_are_one_to_four_over_a_power_of_two) {
  for (const auto& [text, length] : std::vector<std::pair<std::string, std::string>>{
           {"1", "C5:4"}, {"1/1", "C5:4"}, {"4/1", "C5:16"}, {"1/128", "C5:1/32"}, {"3/4", "C5:3"}}) {
    BOOST_TEST(events(with("L:" + text + "\n")) == length, text);
  }
  headers_are_refused({"L:1/256", "L:5/4", "L:1/", "L:x", "L:1/8x", "L:1/3", "L:2", "L:0/4", "L:1:8", "L:1/0"});
  // Where none is given: sixteenths in bars shorter than three quarters.
  for (const auto& [meter, length] : std::vector<std::pair<std::string, std::string>>{
           {"3/4", "C5:1/2"}, {"6/8", "C5:1/2"}, {"5/8", "C5:1/4"}, {"2/4", "C5:1/4"}, {"C", "C5:1/2"}}) {
    BOOST_TEST(events(with("M:" + meter + "\n")) == length, meter);
  }
}

BOOST_AUTO_TEST_CASE(a_key_is_a_note_and_a_mode) {
  const auto key = [](const std::string& text) { return read("X:1\nK:" + text + "\nc\n").key; };
  const std::vector<std::pair<std::string, Key>> keys = {{"C", {}},
                                                         {"Cmaj", {}},
                                                         {"C major", {}},
                                                         {"Cion", {}},
                                                         {"Gmix", {}},
                                                         {"Flyd", {}},
                                                         {"Am", {0, true}},
                                                         {"Amin", {0, true}},
                                                         {"A minor", {0, true}},
                                                         {"Aaeo", {0, true}},
                                                         {"Ddor", {0, true}},
                                                         {"Ephr", {0, true}},
                                                         {"Bloc", {0, true}},
                                                         {"C#", {7, false}},
                                                         {"Cb", {-7, false}},
                                                         {"A#m", {7, true}},
                                                         {"Abm", {-7, true}},
                                                         {"AMIN", {0, true}},
                                                         {"F", {-1, false}},
                                                         {"B", {5, false}},
                                                         {"HP", {2, false}},
                                                         {"Hp", {2, false}},
                                                         {"D clef=bass", {2, false}},
                                                         {"D treble", {2, false}},
                                                         {"D bass", {2, false}}};
  for (const auto& [text, expected] : keys) BOOST_TEST((key(text) == expected), text);
  headers_are_refused({"K:G#", "K:Fb", "K:Dbm", "K:B#m", "K:H", "K:C foo", "K:c"});
}

BOOST_AUTO_TEST_CASE(a_key_may_have_further_accidentals) {
  const auto notes = [](const std::string& key) { return pitches_in(key, "FCB"); };
  BOOST_TEST(notes("C ^f") == "F#4 C4 B4");
  BOOST_TEST(notes("C ^F _b") == "F#4 C4 Bb4");
  BOOST_TEST(notes("D =c") == "F#4 C4 B4");
  BOOST_TEST(notes("D exp ^c") == "F4 C#4 B4");
  BOOST_TEST(notes("C ^h ^") == "F4 C4 B4");
  BOOST_TEST(notes("C _a^g^f") == "F#4 C4 B4");
  BOOST_TEST(pitches_in("C _a ^g", "AG") == "Ab4 Ab4");
}

BOOST_AUTO_TEST_CASE(a_clef_is_no_accidental) {
  const auto notes = [](const std::string& key) { return pitches_in(key, "BAEC"); };
  for (const char* words : {"", " clef=bass", " clef=alto", " treble middle=b", " bass transpose=-1", " clef=alto-8"}) {
    BOOST_TEST(notes(std::string("Ab") + words) == "Bb4 Ab4 Eb4 C4", words);
  }
  BOOST_TEST(notes("Ab clef=bass =b ^c") == "B4 Ab4 Eb4 C#4");
  BOOST_TEST(notes("Ab treble middle=d =a_c") == "Bb4 A4 Eb4 B3");
}

BOOST_AUTO_TEST_CASE(signatures_have_up_to_seven_sharps_or_flats) {
  const auto notes = [](const std::string& key) { return pitches_in(key, "FCGDAEB"); };
  BOOST_TEST(notes("C#") == "F#4 C#4 Ab4 Eb4 Bb4 F4 C5");
  BOOST_TEST(notes("Cb") == "E4 B3 F#4 C#4 Ab4 Eb4 Bb4");
  BOOST_TEST(notes("G") == "F#4 C4 G4 D4 A4 E4 B4");
  BOOST_TEST(notes("F") == "F4 C4 G4 D4 A4 E4 Bb4");
}

BOOST_AUTO_TEST_CASE(a_tempo_counts_notes_or_beats) {
  const auto tempo = [](const std::string& meter, const std::string& text) {
    return with("M:" + meter + "\nQ:" + text + "\n").tempo;
  };
  BOOST_TEST(with("").tempo == 120);
  for (const auto& [text, expected] : std::vector<std::pair<std::string, double>>{{"100", 100},
                                                                                  {"1/4=100", 100},
                                                                                  {"1/8 = 200", 100},
                                                                                  {"3/8=100", 150},
                                                                                  {"1/4=10", 10},
                                                                                  {"1/4=9", 120},
                                                                                  {"1:4=100", 120},
                                                                                  {"1/2=500", 1000},
                                                                                  {"1/2=501", 120},
                                                                                  {"999", 999},
                                                                                  {"1000", 120},
                                                                                  {"x=100", 120},
                                                                                  {"\"1/2=9\" 1/4=80 \"or so\"", 80},
                                                                                  {"\"Fast\"", 120}}) {
    BOOST_TEST(tempo("4/4", text) == expected, text);
  }
  BOOST_TEST(tempo("2/2", "60") == 120);
  BOOST_TEST(tempo("6/8", "60") == 90);
  BOOST_TEST(tempo("3/8", "60") == 90);
  BOOST_TEST(tempo("2/8", "100") == 50);
  BOOST_TEST(tempo("3/4", "60") == 60);
  BOOST_TEST(music("[Q:1/4=90]c").tempo == 90);
  BOOST_TEST(music("c[Q:1/4=90]c").tempo == 120);
}

BOOST_AUTO_TEST_CASE(a_chord_symbol_is_a_root_and_a_kind) {
  const auto chord = [](const std::string& name) {
    const Melody melody = music('"' + name + "\"c");
    return melody.chords.empty() ? "none" : chord_name(melody.chords[0]);
  };
  for (const auto& [name, expected] : std::vector<std::pair<std::string, std::string>>{{"C", "C"},
                                                                                       {"Cm", "Cm"},
                                                                                       {"C7", "C7"},
                                                                                       {"Cm7", "Cm7"},
                                                                                       {"Cdim", "Cdim"},
                                                                                       {"Cmaj", "C"},
                                                                                       {"Cmin", "Cm"},
                                                                                       {"Bb", "Bb"},
                                                                                       {"B#", "C"},
                                                                                       {"Cb", "B"},
                                                                                       {"F#7", "F#7"},
                                                                                       {"C/E", "C"},
                                                                                       {"F#m7/A", "F#m7"},
                                                                                       {"C/", "C"},
                                                                                       {"C/7", "C"},
                                                                                       {"H", "none"},
                                                                                       {" C", "none"},
                                                                                       {"", "none"},
                                                                                       {"^C", "none"}}) {
    BOOST_TEST(chord(name) == expected, name);
  }
}

BOOST_AUTO_TEST_CASE(a_chord_symbol_ends_with_its_quote) { BOOST_TEST(chord_name(music("c\"C\"c7").chords[0]) == "C"); }

BOOST_AUTO_TEST_CASE(tuplets_take_the_time_that_the_meter_gives_them) {
  const auto first = [](const std::string& meter, int notes) {
    const Melody melody = with("M:" + meter + "\nL:1/4\n", "(" + std::to_string(notes) + repeated("c", notes));
    return duration_name(melody.events[0].duration);
  };
  const std::vector<std::string> simple = {"3/2", "2/3", "3/4", "2/5", "1/3", "2/7", "3/8", "2/9"};
  const std::vector<std::string> triple = {"3/2", "2/3", "3/4", "3/5", "1/3", "3/7", "3/8", "1/3"};
  for (int notes = 2; notes <= 9; ++notes) {
    for (const char* meter : {"4/4", "3/4", "2/8"}) BOOST_TEST(first(meter, notes) == simple[std::size_t(notes - 2)]);
    for (const char* meter : {"6/8", "3/8"}) BOOST_TEST(first(meter, notes) == triple[std::size_t(notes - 2)]);
  }
  BOOST_TEST(events(music("(3:4cde f")) == "C5:4/3 D5:4/3 E5:4/3 F5:1");
  BOOST_TEST(events(music("(3::4cdef g")) == "C5:2/3 D5:2/3 E5:2/3 F5:2/3 G5:1");
  BOOST_TEST(events(music("(3:99:1c d")) == "C5:33 D5:1");
  BOOST_TEST(music("(3:2:99" + repeated("c", 99)).events.size() == 99u);
  const std::string none = "expected a tuplet such as (3 or (3:2:3, found another";
  for (const char* text : {"(3:0:3cde", "(3:100:3cde", "(3:2:0cde", "(3:2:100cde"})
    BOOST_TEST(refused(text) == none, text);
  BOOST_TEST(refused("(3") == "expected the rest of a tuplet, found the end of the tune");
  BOOST_TEST(refused("(10c") == "expected a tuplet of 2 to 9 notes, found one of 10");
}

BOOST_AUTO_TEST_CASE(up_to_three_signs_break_a_rhythm) {
  BOOST_TEST(events(music("c>>>d e<<f z>c")) == "C5:15/8 D5:1/8 E5:1/4 F5:7/4 rest:3/2 C5:1/2");
  BOOST_TEST(refused("c>>>>d") == "expected a note before >, found none");
  BOOST_TEST(refused("<d") == "expected a note before <, found none");
}

BOOST_AUTO_TEST_CASE(bar_lines_are_written_in_many_ways) {
  for (const char* text : {"|:C:|D", "|:C:||D", "|:C:|]D", "[|:C:|D", "||:C:||D", "|:|C:|D", "|C:|D", "|C::D"}) {
    BOOST_TEST(pitches(music(text)) == "C4 C4 D4", text);
  }
  for (const char* text : {"C|D", "C||D", "C|]D", "[|C|D", "C[|]D", "|C|D|", "C| |D"}) {
    BOOST_TEST(pitches(music(text)) == "C4 D4", text);
  }
  BOOST_TEST(pitches(music("|C:|:D:|E")) == "C4 C4 D4 D4 E4");
  BOOST_TEST(pitches(music("C|D:|")) == "C4 D4 C4 D4");
  BOOST_TEST(pitches(music("|:C|]:|D")) == "C4 C4 D4");
  BOOST_TEST(pitches(music("|C::D||E:|")) == "C4 C4 D4 E4 D4 E4");
  BOOST_TEST(refused("c2:d") == "expected a bar line, found \":\"");
}

BOOST_AUTO_TEST_CASE(endings_belong_to_the_times_they_name) {
  std::string nine;
  for (int i = 0; i < 8; ++i) nine += "C4 D4 ";
  BOOST_TEST(pitches(music("|:C|[1-8D:|[9E|]")) == nine + "C4 E4");
  BOOST_TEST(pitches(music("|:C|1D:|2E||F:|G")) == "C4 D4 C4 E4 F4 F4 G4");  // the double line begins anew
  BOOST_TEST(pitches(music("|:C|[1,2D:|[3E:|F")) == "C4 D4 C4 D4 C4 E4 F4");
  BOOST_TEST(pitches(music("|:C|[2D:|E")) == "C4 D4 C4 D4 E4");  // without a first ending it is played all the same
  BOOST_TEST(pitches(music("|:C|[1,2D:|[2E|]")) == "C4 D4 C4 D4 E4");  // the first that fits is played
  BOOST_TEST(pitches(music("C||D||E:|")) == "C4 D4 E4 E4");
  BOOST_TEST(pitches(music("[\"first\"C [r:remark]D [A:x]E [Z:x]F [a:x]G [z:x]A")) == "C4 D4 E4 F4 G4 A4");
  BOOST_TEST(pitches(music("C|[\"first\"D")) == "C4 D4");
  BOOST_TEST(pitches(music("|:C|[1,2\nDE:|[3\nF|]")) ==
             "C4 D4 E4 C4 D4 E4 C4 F4");  // a line may end with their numbers
  BOOST_TEST(pitches(music("|:C|[1D2:|[2E2|]")) == "C4 D4 C4 E4");
  for (const char* text : {"[1, C", "[1,C"}) BOOST_TEST(refused(text) == "expected a note or a bar line, found \",\"");
  BOOST_TEST(refused("[.:x]C") == "expected notes up to ], found \":\"");
  for (const char* text : {"c [2-1 d", "c [1-10 d", "c [10 d", "c |9-1 d"}) {
    BOOST_TEST(refused(text) == "expected endings from 1 to 9, found others", text);
  }
}

BOOST_AUTO_TEST_CASE(an_ending_is_looked_for_within_its_repeat) {
  BOOST_TEST(pitches(music("|:C|[2,1D:|E")) == "C4 D4 C4 D4 E4");
  BOOST_TEST(pitches(music("|:C|[1,9D:|[2E|]")) == "C4 D4 C4 E4");
  BOOST_TEST(pitches(music("|:C|[1D:||[2E|]")) == "C4 D4 C4 E4");
  BOOST_TEST(pitches(music("|:C|[1D:|E||[2F|]")) == "C4 D4 C4 D4 E4 F4");         // a double line ends the repeat
  BOOST_TEST(pitches(music("|:C|[1D:|E|:F|[2G|]")) == "C4 D4 C4 D4 E4 F4 G4");    // and so does another one
  BOOST_TEST(pitches(music("|:C|[2D||E|[1F|[2G|[1A|]")) == "C4 D4 E4 F4 G4 A4");  // none fits: all are played
  BOOST_TEST(pitches(music("|:C|[1D||E:|[2F|]")).starts_with("C4 D4 E4 C4 "));    // the first time goes on behind it
  BOOST_TEST(pitches(music("|:[3A|[1,2B:|[2C|]")).starts_with("B4 B4 A4"));       // the third may be written first
  // Nine signs that send back are as far as anybody looks.
  BOOST_TEST(pitches(music("|:C|[1D:|" + repeated("E:|", 7) + "[2F|]")) == "C4 D4 C4 F4");
  BOOST_TEST(pitches(music("|:C|[1D:|" + repeated("E:|", 8) + "[2F|]")) ==
             "C4 D4 C4 D4 " + repeated("E4 E4 ", 8) + "F4");
}

BOOST_AUTO_TEST_CASE(pitches_reach_from_the_lowest_to_the_highest_of_midi) {
  BOOST_TEST(music("g''''").events[0].pitch == 127);
  BOOST_TEST(music("_a'''").events[0].pitch == 116);
  BOOST_TEST(music("C,,,,,").events[0].pitch == 0);
  for (const char* text : {"^g''''", "_a''''", "c'''''", "_C,,,,,", "C,,,,,,", "c,,,,,,,'''", "c''''',,,"}) {
    BOOST_TEST(refused(text) == "expected a pitch of MIDI's, found a higher or lower one", text);
  }
  BOOST_TEST(pitches(music("^^C __D ^_E =^F c', c,'")) == "D4 C4 E4 F#4 C5 C5");
  BOOST_TEST(refused("^^^c") == "expected at most two sharps or flats, found more");
  BOOST_TEST(refused("___c") == "expected at most two sharps or flats, found more");
  BOOST_TEST(pitches(music("^f[K:C]f")) == "F#5 F5");
}

BOOST_AUTO_TEST_CASE(notes_are_as_long_as_64_whole_ones_or_as_short_as_a_128th) {
  BOOST_TEST(events(music("c256")) == "C5:256");
  BOOST_TEST(events(music("c32/1024 c32//////////")) == "C5:1/32 C5:1/32");
  BOOST_TEST(refused("c257") == "expected a note of at most 64 whole notes, found a longer one");
  BOOST_TEST(refused("c64/2048") == "expected a note of at least a 128th, found a shorter one");
  BOOST_TEST(refused("c10000") == "expected a number of at most 4 digits, found a longer one");
  for (const char* text : {"c0", "c/128", "c/11", "c/0"}) {
    BOOST_TEST(refused(text) ==
               "expected a length that can be divided into 128ths or tuplets of up to 9, found another");
  }
}

BOOST_AUTO_TEST_CASE(notes_together_may_have_signs_of_their_own) {
  for (const char* text : {"[CE]", "[EC]", "[C\"Am\"E]", "[C.E]", "[C~E]", "[(CE)]", "[uCvE]", "[C+E]", "[C E ]"}) {
    BOOST_TEST(events(music(text)) == "E4:1", text);
  }
  BOOST_TEST(pitches(music("[AC] [GC] [aC] [gC] [=gC] [C]")) == "A4 G4 A5 G5 G5 C4");
  BOOST_TEST(events(music("[C2E]")) == "E4:2");
  BOOST_TEST(events(music("[CE]64///////////")) == "E4:1/32");
  BOOST_TEST(events(music("[CE]/2 [CE]3/2 [CE]// [C3E]2/3")) == "E4:1/2 E4:3/2 E4:1/4 E4:2");
  BOOST_TEST(events(music("[C-E][CE] [^C_E]")) == "E4:2 Eb4:1");
  BOOST_TEST(refused("[]") == "expected notes in [ ], found none");
  BOOST_TEST(refused("[Cw]") == "expected notes up to ], found \"w\"");
  BOOST_TEST(refused("[Ct]") == "expected notes up to ], found \"t\"");
}

BOOST_AUTO_TEST_CASE(rests_last_a_note_or_up_to_64_bars) {
  BOOST_TEST(events(music("z x2 c")) == "rest:1 rest:2 C5:1");
  BOOST_TEST(events(music("Z c4")) == "rest:4 C5:4");
  BOOST_TEST(events(music("X3 c4")) == "rest:4 rest:4 rest:4 C5:4");
  BOOST_TEST(music("Z64 c4").events.size() == 65u);
  BOOST_TEST(refused("Z65") == "expected a rest of 1 to 64 bars, found another");
  BOOST_TEST(refused("Z0") == "expected a rest of 1 to 64 bars, found another");
  read(head + "Z2|CDEF|", Bars::must_add_up);
}

BOOST_AUTO_TEST_CASE(what_is_for_players_is_passed_over) {
  BOOST_TEST(pitches(music("c $*y`d Hc Wd hc wd\\")) == "C5 D5 C5 D5 C5 D5");
  for (const char* text : {"c @", "c ;", "c /", "c Y", "c ?"}) {
    BOOST_TEST(refused(text).starts_with("expected a note or a bar line, found "), text);
  }
  BOOST_TEST(refused("c [V:1]c") == "expected one voice, found V: within the music");
}

BOOST_AUTO_TEST_CASE(a_meter_may_be_set_before_the_first_note_and_said_again) {
  BOOST_TEST((music("[M:3/4]CDE[M: 3/4 ]C").meter == Meter{3, 4}));
  BOOST_TEST(refused("c[M:3/4]c") == "expected one meter for the whole tune, found a change");
}

BOOST_AUTO_TEST_CASE(ties_join_notes_of_one_pitch_up_to_16_whole_notes) {
  BOOST_TEST(events(music("c-d z-z c-|c-|c")) == "C5:1 D5:1 rest:1 rest:1 C5:3");
  BOOST_TEST(events(music("c63-c-c")) == "C5:64 C5:1");
  BOOST_TEST(events(music("- c")) == "C5:1");
}

BOOST_AUTO_TEST_CASE(the_bar_that_is_wrong_is_named_however_its_lines_are_written) {
  const auto fault = [](const std::string& notes) { return refusal(head + notes, Bars::must_add_up); };
  const std::string expected = "F: line 6, tune 1: expected bars of 4/4, found one of ";
  BOOST_TEST(fault("CDEF|CDE| |CDEF|\n") == expected + "3 quarter notes");
  BOOST_TEST(fault("CDEF|C5|\n") == expected + "5 quarter notes");
  BOOST_TEST(fault("C5|CDEF|\n") == expected + "5 quarter notes");
  BOOST_TEST(fault("ZC|CDEF|\n") == expected + "5 quarter notes");
}

BOOST_AUTO_TEST_CASE(no_tune_is_longer_than_a_person_would_play) {
  BOOST_TEST(music(repeated("c|", 20000)).events.size() == 20000u);
  const std::string too_many = "expected at most 20000 notes, repeats included, found more";
  BOOST_TEST(refused(repeated("c|", 20001)) == too_many);
  BOOST_TEST(refused(repeated("c64|", 3400)) == too_many);  // 2³¹ ticks are 3328.8 of them
  BOOST_TEST(music(repeated("c64|", 3328)).events.size() == 3328u);
  // Exactly 2³¹: 832 · 64 whole notes, and 378, 450, 560 and 1660 · 315 ticks.
  const std::string longest = repeated("c8192|", 832) + "(5:2:1c3(7:2:1c5(9:2:1c8c1660";
  BOOST_TEST(read("X:1\nL:1/128\nK:C\n" + longest).events.size() == 836u);
  BOOST_TEST(refused(repeated("c", 99999) + ":|") == too_many);  // 100,000 notes and signs, and twice as many played
  BOOST_TEST(refused(repeated("c", 100001)) == "expected at most 100000 notes, found more");
  BOOST_TEST(refused("|:" + repeated("c", 90000) + "|1-2d:|3e|") ==
             "expected at most 200000 notes and signs, found more");
}

BOOST_AUTO_TEST_CASE(each_tune_begins_anew) {
  const AbcTunes all = parse_abc(
      "X:1\nT:One\nM:2/4\nL:1/2\nQ:60\nV:first\nK:D\nf\nX: 2 \nT:Two\nV:second\nK:C\nf\n\nf\nX:3\nK:C\n% a remark\nf\n%\nc % and another\n"
      "\nX:4\nK:C\n#\nc\n",
      "F");
  BOOST_TEST_REQUIRE(all.tunes.size() == 3u);
  BOOST_TEST(events(all.tunes[0]) == "F#5:2");
  BOOST_TEST((all.tunes[0].tempo == 60 && all.tunes[0].meter == Meter{2, 4}));
  BOOST_TEST(events(all.tunes[1]) == "F5:1/2");
  BOOST_TEST((all.tunes[1].tempo == 120 && all.tunes[1].meter == Meter{4, 4} && all.tunes[1].key == Key{}));
  BOOST_TEST(all.tunes[1].title == "Two");
  BOOST_TEST(events(all.tunes[2]) == "F5:1/2 C5:1/2");
  BOOST_TEST_REQUIRE(all.refused.size() == 1u);
  BOOST_TEST(all.refused[0] == "F: line 25, tune 4: expected a note or a bar line, found \"#\"");
  BOOST_TEST(with("T:100 \\% of \\% % no more\n").title == "100 % of %");
  BOOST_TEST(with("T:50 \\%% no more\n").title == "50 %");
  BOOST_TEST(with("T:\\%\n").title == "%");
}

BOOST_AUTO_TEST_CASE(headers_that_say_nothing_of_the_music_may_stand_anywhere) {
  const std::string fields = "A:x\nZ:x\na:x\nz:x\n";
  BOOST_TEST(pitches(with(fields, "c\n" + fields + "d")) == "C5 D5");
}

BOOST_AUTO_TEST_CASE(a_tune_with_two_faults_is_refused_once) {
  BOOST_TEST(refusal(head + "#\n?\n") == "F: line 6, tune 1: expected a note or a bar line, found \"#\"");
}

BOOST_AUTO_TEST_CASE(a_text_may_end_anywhere) {
  const std::string text =
      "% A remark about the tune below\nX:1\nM:3/4\nL:1/4\nQ:1/4=90\nK:C ^f\n\"C/G7\"[ce]/2|[1,2(3:2:3cde:|\n^c/>d\nK:C ^\n";
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const AbcTunes all = parse(text.substr(0, size));
    BOOST_TEST(all.tunes.size() + all.refused.size() == (size < text.find("X:1") + 2 ? 0u : 1u), text.substr(0, size));
  }
  BOOST_TEST(refusal("X:1\nL:2") == "F: line 2, tune 1: expected a length such as 1/8, found \"2\"");
  BOOST_TEST(refused("[1,") == "expected a note or a bar line, found \",\"");
}

BOOST_AUTO_TEST_CASE(tuplets_of_nine_are_written_and_larger_ones_as_lengths) {
  const auto written = [](const std::string& duration, int count) {
    Melody melody;
    melody.events = parse_events(repeated("C5:" + duration + " ", count));
    set_positions(melody.events, melody.meter.bar());
    const std::string text = format_abc(melody);
    BOOST_TEST(events(read(text)) == events(melody));
    return text.substr(text.find("K:C\n") + 4);
  };
  BOOST_TEST(written("4/9", 9) == "(9:8:9" + repeated("c ", 9) + "|]\n");
  BOOST_TEST(written("4/15", 2) == "c8/15 c8/15 |]\n");
}

BOOST_AUTO_TEST_CASE(a_tune_is_written_with_its_headers_and_four_bars_to_a_line) {
  Melody melody{"50 %", {2, 4}, {-3, true}, 99.6, parse_events("C4:2 Eb4:2 G4:2 C5:2 B4:1 C5:1"), {}};
  set_positions(melody.events, melody.meter.bar());
  melody.chords = {{0, 0, Chord::Kind::minor}, {10080, 2}, {8 * ticks_of_quarter, 7}, {9 * ticks_of_quarter, 0}};
  BOOST_TEST(format_abc(melody, 7) ==
             "X:7\nT:50 \\%\nM:2/4\nL:1/8\nQ:1/4=100\nK:Cm\n\"Cm\"C4 | E4 | G4 | c4 |\n\"G\"=B2 \"C\"c2 |]\n");
  Melody two{"", {}, {}, 120, parse_events("C4:1 D4:1"), {{0, 0}}};
  set_positions(two.events, two.meter.bar());
  BOOST_TEST(format_abc(two).starts_with("X:1\nT:Untitled\n"));
  BOOST_TEST(format_abc(two).ends_with("\nK:C\n\"C\"C2 D2 |]\n"));
  BOOST_TEST(format_abc({"", {}, {}, 120, {{0, ticks_of_whole}, {127, ticks_of_whole}}, {}}, 1).find("T:Untitled\n") !=
             std::string::npos);
}
