/// The command line of a chapter: options with types and bounds, --help, and one way to report every error.
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

import rnn.base.ranks;
import rnn.base.std;

export namespace rnn {

/// The bounds of a number. Both are allowed values, `least` unless `above_least`.
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
  /// True when it was given on the command line.
  inline bool given() const { return state_->given; }

 private:
  friend class Options;
  struct State {
    T value;
    bool given = false;
  };
  inline explicit Option(T value) : state_(new State{std::move(value)}) {}
  std::shared_ptr<State> state_;
};

/// What every chapter that can run recorded cases offers.
struct ReplayOptions {
  Option<std::filesystem::path> file;  ///< --replay CASE.json
  Option<bool> json;                   ///< --json, which needs --replay
};

/// The options of one program. Every value is checked before the program starts its work, and nothing is guessed:
/// abbreviations, stray arguments and options given twice are errors that name the nearest valid option.
class Options {
 public:
  /// `program` is the name that --help and every error line begin with; `shows` describes it in a sentence or two.
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
  /// A file that replace_file can write; empty unless given. The file is not touched yet.
  Option<std::filesystem::path> output_file(const std::string& name, const std::string& value_name,
                                            const std::string& help);
  /// The same for a drawing as SVG or text: a name that ends like another kind of picture (.png) is refused, since the
  /// file would not be one.
  Option<std::filesystem::path> output_drawing(const std::string& name, const std::string& value_name,
                                               const std::string& help);
  /// A folder in which files can be created, or the name of one that can be created; empty unless given.
  Option<std::filesystem::path> output_folder(const std::string& name, const std::string& value_name,
                                              const std::string& help);

  /// No file that is written may be another file of the same run, under whatever name: one of them would be lost. These
  /// two options are an exception, as are --resume with --checkpoint and --init with --save.
  void may_share(const std::string& name, const std::string& other);
  /// For a file that the program reads but that no input option names, such as those of a data set: throws
  /// std::invalid_argument, with the option, when the command line would overwrite it.
  void reads(const std::filesystem::path& file) const;

  /// The arguments without a name, one or more, in order; --help calls each of them `value_name`. Unless this is
  /// declared, such an argument is an error.
  Option<std::vector<std::string>> arguments(const std::string& value_name, const std::string& help);
  /// The same where there must be exactly one.
  Option<std::vector<std::string>> argument(const std::string& value_name, const std::string& help);

  /// Declares --replay and --json.
  ReplayOptions replay();

  /// A command: the first word on the line says which of several things the program does. This one runs `program`, a
  /// main() of its own, with the arguments that follow. A command without a program is the one that these options
  /// belong to, and may be left out.
  void word(const std::string& name, const std::string& what, std::function<int(int argc, char** argv)> program = {});

  /// When mpirun has started this program several times over, all processes run the chapter together, each as a rank of
  /// its own (rnn.base.ranks), with the same options but without files: those are rank 0's. Otherwise rank 0 runs it
  /// alone; so it does with --replay.
  void works_on_many_machines();

  /// --name must be given.
  void required(const std::string& name);

  /// --name needs --other, or one of several others.
  void needs(const std::string& name, const std::string& other);
  void needs(const std::string& name, const std::vector<std::string>& any);
  /// --name and --other exclude each other.
  void excludes(const std::string& name, const std::string& other);

  /// A line for the end of --help: what to type after the program's name, and what it shows.
  void example(const std::string& arguments, const std::string& what);

  /// The value of an option as one would type it; "true" or "false" for a flag. Throws std::logic_error if there is no
  /// such option.
  std::string value(const std::string& name) const;
  /// True when the option was given on the command line.
  bool given(const std::string& name) const;
  /// When the input file --name is given, it supplies the values of other options: `read` gets its path and returns
  /// them by name. A different value on the command line is an error, and so is a value that its option does not
  /// accept.
  void values_from(const std::string& name,
                   std::function<std::map<std::string, std::string>(const std::filesystem::path&)> read);
  /// The command line as typed, quoted for a shell, without the options in `without`, and with `more` at its end.
  std::string command_line(const std::vector<std::string>& without, const std::vector<std::string>& more) const;

  /// Reads the command line and runs `chapter`, whose result is the program's exit status; with --help, prints the help
  /// instead. Any exception or failed write to stdout becomes one line on stderr and exit status 2; a ResultError, 1.
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
    // Takes the value; false when it is not what was expected. Throws the file system's error for a path.
    std::function<bool(const std::string&, bool typed)> set = nullptr;
    bool given = false;
    bool adopted = false;                         // the value is from a file
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
  void require_same_programs(const std::vector<std::string>& arguments);
  void tell_others(Launch& launch, bool works);
  int follow(const std::function<int()>& chapter);

  std::string program_;
  std::string shows_;
  std::string heading_ = "Options";
  std::vector<Entry> entries_;
  std::string called_;                  // how the program was called
  std::vector<std::string> arguments_;  // and its arguments
  std::vector<std::pair<std::string, std::vector<std::string>>> needs_;
  std::vector<std::pair<std::string, std::string>> excludes_, examples_;
  // A resumed run updates its own checkpoint, and saved weights can be trained further: the same in every program.
  std::vector<std::pair<std::string, std::string>> may_share_{{"resume", "checkpoint"}, {"init", "save"}};
  std::vector<std::string> required_;
  struct Source {
    std::string name;
    std::function<std::map<std::string, std::string>(const std::filesystem::path&)> read;
  };
  std::vector<Source> sources_;
  std::vector<Word> words_;
  std::string argument_name_, argument_help_;  // of arguments without a name; empty: there are none
  bool one_argument_ = false;
  bool shares_work_ = false;  // with the other processes of a run
  Option<std::vector<std::string>> unnamed_{{}};
};

}  // namespace rnn
