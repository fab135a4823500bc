// What every widget's module has: memory that the page can fill, and errors that reach it.
//
// The C++ library for WebAssembly cannot throw: these three functions are what it lacks. An error becomes one of
// JavaScript's, which unwinds the page's calls but none of ours: no destructor runs, and the stack pointer stays where
// it was. So the page puts back the whole memory of a module that has thrown (wasm.js).
#include <cstddef>
#include <cstdlib>
#include <exception>
#include <typeinfo>

extern "C" {

[[clang::import_module("page"), clang::import_name("fail")]] void fail_in_page(const char* message);

[[clang::export_name("allocate")]] void* allocate(std::size_t bytes) { return std::malloc(bytes); }

// NOLINTBEGIN(readability-identifier-naming): the compiler chose these names
void* __cxa_allocate_exception(std::size_t bytes) noexcept { return std::malloc(bytes); }

// All that is thrown here is a std::exception first of all.
[[noreturn]] void __cxa_throw(void* thrown, std::type_info*, void (*)(void*)) {
  fail_in_page(static_cast<const std::exception*>(thrown)->what());
  std::abort();
}

// Objects of a thread live as long as the module.
int __cxa_thread_atexit(void (*)(void*), void*, void*) noexcept { return 0; }
// NOLINTEND(readability-identifier-naming)

}  // extern "C"
