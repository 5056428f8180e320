// Answers clGet...Info: the queries of an object kind are a table of names and the functions that
// produce their values; size checks and copying are done once, here.
#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "opencl/error.h"

namespace isobar::opencl {

/// The bytes of one answer.
class Answer {
 public:
  Answer() = default;
  template <class T>
    requires std::is_trivially_copyable_v<T>
  Answer(const T& value) {  // NOLINT(google-explicit-constructor): tables stay readable
    append(&value, sizeof value);
  }
  template <class T>
  Answer(const std::vector<T>& values) {  // NOLINT(google-explicit-constructor)
    append(values.data(), values.size() * sizeof(T));
  }
  static Answer text(std::string_view value) {
    Answer answer;
    answer.append(value.data(), value.size());
    answer.bytes_.push_back(std::byte{0});
    return answer;
  }
  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }

 private:
  void append(const void* data, std::size_t size) {
    const auto* begin = static_cast<const std::byte*>(data);
    if (size > 0) bytes_.insert(bytes_.end(), begin, begin + size);
  }
  std::vector<std::byte> bytes_;
};

template <class Object>
struct InfoRow {
  cl_uint name;
  Answer (*get)(const Object&);
};

inline void write_answer(const Answer& answer, std::size_t size, void* value,
                         std::size_t* size_ret) {
  const auto bytes = answer.bytes();
  require(value == nullptr || size >= bytes.size(), CL_INVALID_VALUE);
  if (value != nullptr && !bytes.empty()) std::memcpy(value, bytes.data(), bytes.size());
  if (size_ret != nullptr) *size_ret = bytes.size();
}

template <class Object, class Table>
void answer_from(const Table& table, const Object& object, cl_uint name, std::size_t size,
                 void* value, std::size_t* size_ret) {
  for (const InfoRow<Object>& row : table) {
    if (row.name != name) continue;
    write_answer(row.get(object), size, value, size_ret);
    return;
  }
  throw ApiError{CL_INVALID_VALUE};
}

}  // namespace isobar::opencl
