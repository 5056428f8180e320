// Turns whatever Isobar's own libraries throw into the one exception that the interface promises.
#pragma once

#include <exception>
#include <filesystem>
#include <new>
#include <string>

#include "base/error.h"
#include "isobar/error.h"

namespace isobar {

template <class Work>
auto guarded(const Work& work) {
  try {
    return work();
  } catch (const Error&) {
    throw;
  } catch (const UserError& error) {
    throw Error(ErrorKind::kRequest, error.what());
  } catch (const std::filesystem::filesystem_error& error) {
    throw Error(ErrorKind::kRequest, error.path1().string() + ": " + error.code().message());
  } catch (const std::bad_alloc&) {
    throw Error(ErrorKind::kRequest, "not enough memory for what was asked");
  } catch (const std::exception& error) {
    throw Error(ErrorKind::kInternal, std::string("internal error: ") + error.what());
  }
}

}  // namespace isobar
