module;
#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

/// The command line of a chapter: options with types and bounds, --help, and one way in which every error ends.
///
///     int main(int argc, char** argv) {
///       rnn::Options options("01_two_steps", "Two time steps of a recurrent layer, written out by hand.");
///       const auto seed = options.integer("seed", 1, {0, 4294967295}, "decides every random number");
///       const auto replay = options.input_file("replay", "CASE.json", "compute a recorded case instead");
///       options.example("--seed 7", "other weights, other outputs");
///       return options.run(argc, argv, [&] {
///         std::cout << *seed << '\n';
///         return 0;
///       });
///     }
export module rnn.console.options;

export namespace rnn {

/// The bounds of a number. Both belong to it, `least` unless `above_least`.
template <class T>
struct Range {
  T least;
  T most;
  bool above_least = false;
};

/// The value of an option, known once the command line has been read: `*seed`. Cheap to copy.
template <class T>
class Option {
 public:
  inline const T& operator*() const { return state_->value; }
  inline const T* operator->() const { return &state_->value; }
  /// True when it stood on the command line.
  inline bool given() const { return state_->given; }

 private:
  friend class Options;
  struct State {
    T value;
    bool given = false;
  };
  inline explicit Option(T value) : state_(std::make_shared<State>(State{std::move(value)})) {}
  std::shared_ptr<State> state_;
};

/// What every chapter that can run recorded cases offers.
struct ReplayOptions {
  Option<std::filesystem::path> file;  ///< --replay CASE.json
  Option<bool> json;                   ///< --json, which needs --replay
};

/// The options of one program. Every value is checked before the program starts its work; nothing is guessed: an
/// abbreviation, a stray argument, an option given twice are errors that name the nearest right option.
class Options {
 public:
  /// `program` is the name that --help and every error line begin with, `shows` a sentence or two.
  Options(std::string program, std::string shows);

  /// The options declared from here on are listed under this heading in --help.
  void group(std::string heading);

  Option<std::size_t> integer(const std::string& name, std::size_t otherwise, Range<std::size_t> range,
                              const std::string& help, const std::string& value_name = "N");
  Option<double> real(const std::string& name, double otherwise, Range<double> range, const std::string& help,
                      const std::string& value_name = "X");
  Option<bool> flag(const std::string& name, const std::string& help);
  Option<std::string> text(const std::string& name, const std::string& otherwise, const std::string& help,
                           const std::string& value_name);
  Option<std::string> choice(const std::string& name, const std::string& otherwise,
                             const std::vector<std::string>& choices, const std::string& help);
  /// A file that is there and may be read; empty unless given.
  Option<std::filesystem::path> input_file(const std::string& name, const std::string& value_name,
                                           const std::string& help);
  /// A place where a file can be written, as replace_file does it; empty unless given. The file is not touched.
  Option<std::filesystem::path> output_file(const std::string& name, const std::string& value_name,
                                            const std::string& help);
  /// The same for a drawing as SVG, or text: a name that ends as other kinds of pictures do (.png) is refused, since
  /// what is written would be none.
  Option<std::filesystem::path> output_drawing(const std::string& name, const std::string& value_name,
                                               const std::string& help);
  /// A folder in which files can be made, or a place for one; empty unless given.
  Option<std::filesystem::path> output_folder(const std::string& name, const std::string& value_name,
                                              const std::string& help);

  /// No file that is written may be another file of the same run, under whatever name: one of them would be lost. The
  /// files of these two options may be the same nevertheless, since that is how they are used; so may those of --resume
  /// and --checkpoint, and of --init and --save.
  void may_share(const std::string& name, const std::string& other);
  /// For a file that the program reads and that no input option names, such as those of a data set: throws
  /// std::invalid_argument, with the option, when the command line asks for it to be written.
  void reads(const std::filesystem::path& file) const;

  /// The arguments without a name, in their order, one or more; `value_name` is the word for one of
  /// them. Where this is not declared, such an argument is an error.
  Option<std::vector<std::string>> arguments(const std::string& value_name, const std::string& help);
  /// The same where there must be exactly one.
  Option<std::vector<std::string>> argument(const std::string& value_name, const std::string& help);

  /// Declares --replay and --json.
  ReplayOptions replay();

  /// The program does several things; a command, the first word on the line, says which. With this command it runs
  /// `program`, a main() of its own, with what follows. A command without a program is what these options are for, and
  /// may be left out.
  void word(const std::string& name, const std::string& what, std::function<int(int argc, char** argv)> program = {});

  /// --name must be given.
  void required(const std::string& name);

  /// --name makes no sense without --other, or without one of several.
  void needs(const std::string& name, const std::string& other);
  void needs(const std::string& name, const std::vector<std::string>& any);
  /// --name makes no sense together with --other.
  void excludes(const std::string& name, const std::string& other);

  /// A line for the end of --help: what to type after the program's name, and what one sees then.
  void example(const std::string& arguments, const std::string& what);

  /// The value of an option as one would type it; "true" or "false" for a flag. Throws std::logic_error when there is
  /// no such option.
  std::string value(const std::string& name) const;
  /// True when the option stood on the command line.
  bool given(const std::string& name) const;
  /// When the input file --name is given, other options get their values from it, while the command line is read:
  /// `read` gets its path and names them. Another value on the command line is an error, and so is what is no value
  /// of an option.
  void values_from(const std::string& name,
                   std::function<std::map<std::string, std::string>(const std::filesystem::path&)> read);
  /// The line that was typed, for a shell, without the options called `without`, and with `more` at its end.
  std::string command_line(const std::vector<std::string>& without, const std::vector<std::string>& more) const;

  /// Reads the command line and runs `chapter`, whose result is the program's exit status. Prints --help instead when
  /// asked to. Any exception, and an output that could not be written, becomes one line on stderr and the status 2; a
  /// ResultError has the status 1.
  int run(int argc, char** argv, const std::function<int()>& chapter);

  /// What --help prints.
  std::string help() const;
  /// Reads the arguments that follow the program's name. Throws std::invalid_argument, one line, for a wrong one.
  void parse(const std::vector<std::string>& arguments);

 private:
  struct Entry {
    std::string name;
    std::string value_name;  // empty: a flag, which takes no value
    std::string help;
    std::string heading = "";
    std::string expected = "";  // in words: "a whole number from 0 to 9"
    // Takes the value; false when it is not what is expected. Throws what a file system says of a path.
    std::function<bool(const std::string&, bool typed)> set = nullptr;
    bool given = false;
    std::function<std::string()> text = nullptr;  // the value as one would type it
    enum class File { none, input, output, folder } file = File::none;

    inline bool is_written() const { return file == File::output || file == File::folder; }
  };
  template <class T>
  Option<T> declare(Entry entry, T otherwise, std::function<bool(const std::string&, T&)> read);
  Entry* find(const std::string& name);
  const Entry& require(const std::string& name) const;
  void set(const std::string& name, const std::string& value);
  [[noreturn]] void refuse_unknown(const std::string& name) const;
  void take(const std::string& argument);
  void check_together();
  void check_files() const;
  void check_streams(const Entry& entry) const;
  void check_pair(const Entry& one, const Entry& other) const;
  static void require_not_above(const Entry& file, const Entry& folder);
  void take_values_from_files();
  void adopt(const std::string& name, const std::string& value, const std::filesystem::path& from);
  struct Word {
    std::string name, what;
    std::function<int(int argc, char** argv)> program;
  };
  const Word* word_of(const std::vector<std::string>& arguments) const;
  std::string usage() const;
  int fail(const std::string& message, int status = 2) const;

  std::string program_;
  std::string shows_;
  std::string heading_ = "Options";
  std::vector<Entry> entries_;
  std::string called_;                  // how the program was called
  std::vector<std::string> arguments_;  // what stood behind it
  std::vector<std::pair<std::string, std::vector<std::string>>> needs_;
  std::vector<std::pair<std::string, std::string>> excludes_, examples_;
  // A run goes on in its own checkpoint, and weights are trained further: the same in every program.
  std::vector<std::pair<std::string, std::string>> may_share_{{"resume", "checkpoint"}, {"init", "save"}};
  std::vector<std::string> required_;
  struct Source {
    std::string name;
    std::function<std::map<std::string, std::string>(const std::filesystem::path&)> read;
  };
  std::vector<Source> sources_;
  std::vector<Word> words_;
  std::string argument_name_, argument_help_;  // of what has no name; empty: it is not welcome
  bool one_argument_ = false;
  Option<std::vector<std::string>> unnamed_{{}};
};

}  // namespace rnn
