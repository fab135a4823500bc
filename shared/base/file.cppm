module;
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

/// Whole files: read at once, and replaced so that a crash leaves either the old one or the new one.
export module rnn.base.file;

import rnn.base.descriptor;
import rnn.base.error;

export namespace rnn {

/// The bytes of a file. Throws FileError when it cannot be read, is a directory, or holds more than `largest` bytes.
std::string read_file(const std::filesystem::path& path, std::size_t largest = std::size_t(1) << 30);

/// The same, where its first bytes (65536, or all of a smaller file) tell how many there may be: what is something
/// else, or never ends, is not read to find that out. What `largest` throws passes through.
std::string read_file(const std::filesystem::path& path, const std::function<std::size_t(std::string_view)>& largest);

/// Makes `bytes` the content of the file. They are written to a file beside it that nobody else has, synced, and given
/// its name: at any moment the file is the old one or the new one, whoever else replaces it at the same time. Mode,
/// owner and access list stay; so do links, and what they point to is replaced or made. Three kinds of files are
/// written as they are: one that cannot be replaced (mounted by itself, or in a folder where nothing can be made), with
/// a notice about it; what is no ordinary file, such as a pipe, once somebody reads it; and /dev/stdout or /dev/fd/N,
/// which is what this program has open there. Throws FileError when that fails; the old file is then as it was.
void replace_file(const std::filesystem::path& path, std::string_view bytes);

/// Throws FileError unless read_file can open the file.
void require_readable(const std::filesystem::path& path);

/// Throws FileError unless replace_file can write the file, as far as anybody can know beforehand. It goes as far as
/// making a small file in the folder, which is gone when this returns; the file itself is not touched.
void require_writable(const std::filesystem::path& path);

/// The same for a folder in which files are to be made, and which is made itself when it is not there.
void require_folder_writable(const std::filesystem::path& path);

/// True when both names are of one file, through links too, or will be once it is made. What takes any bytes and keeps
/// none (/dev/null, a terminal) is never the same: nothing is lost there.
bool same_file(const std::filesystem::path& a, const std::filesystem::path& b);

/// True when the program has the ordinary file of this name open as `descriptor`: stdout, say, that was sent there. A
/// name of the descriptor itself, /dev/stdout, is meant to be just that.
bool is_open_as(int descriptor, const std::filesystem::path& path);

/// A file that begins with some bytes and then gets more at its end.
class GrowingFile {
 public:
  /// Replaces the file. A pipe stays open from here on, so that its reader sees one file. Throws FileError.
  GrowingFile(std::filesystem::path path, std::string_view beginning);

  /// Adds the bytes. Throws FileError when they cannot all be written; the file then ends where it did before.
  void append(std::string_view bytes);

 private:
  std::filesystem::path path_;
  Descriptor pipe_;
  int stream_ = -1;  // where the bytes go when this is no ordinary file
};

/// Where bytes were kept, and what was wrong with the place where they should have been; "" when they are there.
struct Kept {
  std::filesystem::path path;
  std::string problem;
};

/// Writes what must not be lost: to `path`, or else to where save_under_another_name does. Throws FileError, for
/// `path`, when nothing takes it.
Kept save_somewhere(const std::filesystem::path& path, std::string_view bytes);

/// The same without `path` itself: under a name like it that no file has, in its folder, the current folder, $TMPDIR,
/// /tmp, /var/tmp or the user's home. Returns that name; an empty path when none of them takes it.
std::filesystem::path save_under_another_name(const std::filesystem::path& path, std::string_view bytes);

/// True when the name ends in `extension` (".svg"), in small letters or capitals.
bool has_extension(const std::filesystem::path& path, std::string_view extension);

}  // namespace rnn

// What the implementation units share.
namespace rnn {

/// What a name stands for, its links followed.
struct Target {
  enum class Kind { missing, ordinary, folder, stream, descriptor };
  Kind kind = Kind::missing;
  std::filesystem::path path;              // of the file itself
  int descriptor = -1;                     // of this process
  std::uint64_t device = 0, inode = 0;     // of what is there
  bool is_pipe = false, keeps_all = true;  // a pipe; not so for a terminal or /dev/null

  /// The folder in which the file is, or is to be made.
  inline std::filesystem::path folder() const { return path.has_parent_path() ? path.parent_path() : "."; }
};

/// Throws std::system_error for a name that nothing can have: through a file, too long, links in a circle.
Target target_of(const std::filesystem::path& path);

/// Throws std::system_error.
[[noreturn]] void fail_with(int error);

/// A file beside `target` under a name that no other has, open for writing, with that name. Its name is made of the
/// target's, and no longer than that unless it is very short, so that a file system that takes one takes the other.
/// Nothing is open, and errno says why, when that fails.
struct Neighbor {
  Descriptor file;
  std::string name;
};
Neighbor make_neighbor(int folder, const std::string& target);
std::string neighbors_name(const std::string& target);
/// Letters and digits that nobody can guess: two programs hardly ever choose the same ten.
std::string random_letters(std::size_t count);

/// Whether this error means that the system does not let a file be made here, or get that name: it can still be written
/// in place. Anything else (a full disk, a folder that is gone) would go wrong there as well.
bool is_refusal(int error);

/// Writes to what is no ordinary file. Throws std::system_error.
void write_stream(const Target& target, std::string_view bytes);
/// Opens it.
Descriptor open_stream(const Target& target);

/// What went wrong, for the person who gave the name.
FileError cannot(const std::filesystem::path& path, const char* be_done, int error);

}  // namespace rnn
