#!/usr/bin/env python3
"""Other people's kernels, built and run on the simulated chip and on PoCL with the same arguments.

    peer_kernels.py ICD_FOLDER KERNELS [--table FILE] [--only TEXT]

KERNELS is a folder of *.cl files, anywhere below it; its first level names the suites. Beside X.cl,
X.cl.options may hold build options, a line for each variant ("$HERE" is the file's folder). The
folder comes from the environment variable ISOBAR_PEER_KERNELS when the test suite calls this.

A call is generic: buffers of 65,536 elements, whole numbers from 0 to 15, floating point numbers
from -1 to 1, 16 and 0.5 and up for values, 8 KiB for local arrays, a small range in as many
dimensions as the source asks for; structures by value hold whole numbers of 16. Such a call is
meaningless for some kernels; those are skipped, each with its reason, and a reason that could hide
a fault of ours is checked with another run: out of bounds and endless must be so in unoptimised
code with one work-item to a warp, too; a race must show in PoCL alone, between two ways in which it
runs work-groups, two sizes of them, or two orders of work-items (ids that count down by a macro:
what depends on no order gives the same).

Results agree when whole numbers are the same and floating point ones within 1e-4 of the larger (half
1e-2, double 1e-9) or 1e-5 of the largest in the buffer: fused and relaxed arithmetic differ by that.
Exit code 1: a program that PoCL builds is not built, or a result differs.
"""
import argparse
import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import zlib

import numpy

# Where PoCL 3.1 is known to be wrong: the kernel, and how that is known.
POCL_IS_WRONG = {
    "forward_4_by_n_outplane_smallercache":
        "PoCL 3.1 gives zeros; the convolution worked out with NumPy is ours to 2.4e-7",
}
# What a generic call leaves undefined, by kernel, where no second run shows it.
UNDEFINED = {
    "histo_prescan_kernel":
        "adds local memory that nobody wrote, and converts 0 / 0 to an unsigned integer",
    "dot_kernel": "pairs of one row add to its elements without an atomic",
    "kernel_concat_f32": "writes element 16 of a private array of four",
    "kernel_concat_f32_pack": "writes element 16 of a private array of four",
}
REVERSED = "".join(f"#define get_{what}_id(d) (get_{size}(d) - 1 - get_{what}_id(d))\n"
                   for what, size in (("global", "global_size"), ("local", "local_size"),
                                      ("group", "num_groups")))
ELEMENTS = 65536
LOCAL_BYTES = 8192
INTEGERS = {"char": "i1", "uchar": "u1", "short": "i2", "ushort": "u2", "int": "i4", "uint": "u4",
            "long": "i8", "ulong": "u8", "size_t": "u8", "bool": "u1"}
FLOATS = {"half": "f2", "float": "f4", "double": "f8"}


# ---- in a process of its own: build one program, run its kernels ----------------------------------

def preprocessed(text, build):
    """As the preprocessor leaves the text, if it can: options decide which typedef counts."""
    words = re.findall(r"-[DI]\s*\S+", build)
    try:
        done = subprocess.run(["clang-19", "-E", "-P", "-x", "cl", "-w", *words, "-"], input=text,
                              capture_output=True, text=True)
        return done.stdout if done.returncode == 0 else text
    except OSError:
        return text


def aliases_of(text):
    """What the source calls its types: typedef and #define of a name as one or two other names, and
    enumerations."""
    enumerations = re.findall(r"\benum\s*\w*\s*\{[^}]*\}\s*(\w+)\s*;", text)
    names = {name: "int" for name in enumerations}
    for base, name in re.findall(r"typedef\s+([\w ]+?)\s+(\w+)\s*;", text):
        names[name] = base
    for name, base in re.findall(r"(?m)^\s*#\s*define\s+(\w+)\s+([a-z][\w ]*?)\s*$", text):
        names.setdefault(name, base)
    return names


def type_of(name, aliases, depth=0):
    """(numpy's type, how many of them) for an OpenCL C type; (None, 1) for structures."""
    name = re.sub(r"\b(const|volatile|restrict|unsigned|struct|__global|__local|__constant)\b", "",
                  name.replace("unsigned ", "u")).replace("*", "").strip()
    match = re.fullmatch(r"([a-z_]+?)(2|3|4|8|16)?", name)
    base = match and (INTEGERS.get(match[1]) or FLOATS.get(match[1]))
    if not base and name in aliases and depth < 5:
        return type_of(aliases[name], aliases, depth + 1)
    if not base:
        return None, 1
    return base, int(match[2] or 1)


def content(seed, dtype, count):
    random = numpy.random.RandomState(seed)
    if dtype[0] == "f":
        return random.uniform(-1, 1, count).astype(dtype)
    return random.randint(0, 16, count).astype(dtype)


def body_of(text, name):
    """The source of one kernel; all of it where it cannot be found or asks for no place itself."""
    start = re.search(rf"\b{name}\s*\(", text)
    begin = text.find("{", start.end()) if start else -1
    depth = 0
    for at in range(begin, len(text)) if begin >= 0 else ():
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if depth == 0:
            return text[begin:at] if "get_" in text[begin:at] else text
    return text


def range_of(text, required):
    if any(required):
        return tuple(4 * x for x in required), tuple(required)
    dimensions = max([1] + [int(d) + 1 for d in
                            re.findall(r"get_(?:global|local|group)_id\s*\(\s*([0-2])", text)])
    total, local = {1: ([256], [64]), 2: ([32, 32], [8, 8]), 3: ([16] * 3, [4] * 3)}[dimensions]
    for d in range(dimensions if dimensions > 1 else 0):
        if not re.search(rf"get_(?:global|local)_id\s*\(\s*{d}", text):
            total[d], local[d] = 4, 1  # only groups are told apart in this dimension
    return tuple(total), tuple(local)


def set_structure(kernel, i, error):
    """Gives argument `i`, a structure of a size that is to be found out; whether it was."""
    for words in range(1, 129):
        try:
            kernel.set_arg(i, numpy.full(words, 16, "i4").tobytes())
            return True
        except error:
            pass
    return False


def local_sizes(local, other):
    """Another size of work-groups for the same range, where the kernel leaves it open."""
    return tuple(max(1, x // 2) for x in local) if other else local


def run_kernel(cl, queue, kernel, text, aliases, other):
    info, argument = cl.kernel_info, cl.kernel_arg_info
    address = cl.kernel_arg_address_qualifier
    name = kernel.get_info(info.FUNCTION_NAME)
    buffers = []
    for i in range(kernel.num_args):
        type_name = kernel.get_arg_info(i, argument.TYPE_NAME)
        where = kernel.get_arg_info(i, argument.ADDRESS_QUALIFIER)
        if re.search(r"image|sampler|queue_t|event_t|pipe", type_name):
            return "takes " + type_name, None
        dtype, width = type_of(type_name, aliases)
        seed = zlib.crc32(f"{name}.{i}".encode())
        if where == address.LOCAL:
            kernel.set_arg(i, cl.LocalMemory(LOCAL_BYTES))
        elif where in (address.GLOBAL, address.CONSTANT):
            host = content(seed, dtype or "i4", ELEMENTS * width)
            flags = cl.mem_flags.READ_WRITE | cl.mem_flags.COPY_HOST_PTR
            buffers.append((i, host, cl.Buffer(queue.context, flags, hostbuf=host)))
            kernel.set_arg(i, buffers[-1][2])
        elif dtype is None:
            if not set_structure(kernel, i, cl.Error):
                return "takes a structure whose size is not found", None
        else:
            value = numpy.full(4 if width == 3 else width, 0.5 + i / 16 if dtype[0] == "f" else 16,
                               dtype)
            kernel.set_arg(i, value.tobytes())
    required = kernel.get_work_group_info(cl.kernel_work_group_info.COMPILE_WORK_GROUP_SIZE,
                                          queue.device)
    total, local = range_of(body_of(text, name), required)
    if other and any(required):
        return "the size of its work-groups is fixed", None
    cl.enqueue_nd_range_kernel(queue, kernel, total, local_sizes(local, other))
    queue.finish()
    results = {}
    for i, host, device in buffers:
        cl.enqueue_copy(queue, host, device)
        results[f"argument{i}"] = host
    return "ran", results


def worker(options):
    """Says, line by line, what it is about to do and what came of it: it may be killed or crash."""
    import pyopencl as cl
    say = lambda **words: print(json.dumps(words), flush=True)  # noqa: E731
    device = cl.get_platforms()[0].get_devices()[0]
    context = cl.Context([device])
    text = pathlib.Path(options.worker).read_text(errors="replace")
    if options.reversed:
        text = REVERSED + text
    say(building=True)
    try:
        program = cl.Program(context, text).build(options.build + " -cl-kernel-arg-info")
    except cl.Error as error:
        return say(log=str(error))
    names = program.get_info(cl.program_info.KERNEL_NAMES).split(";")
    aliases = {**aliases_of(text), **aliases_of(preprocessed(text, options.build))}
    say(kernels=[name for name in names if name])
    for name in filter(None, names):
        if name in options.skip:
            continue
        say(running=name)
        try:
            state, results = run_kernel(cl, cl.CommandQueue(context), cl.Kernel(program, name),
                                        text, aliases, options.other)
        except cl.Error as error:
            state, results = f"failed: {error}", None
        if results is not None:
            numpy.savez(pathlib.Path(options.results) / name, **results)
        say(kernel=name, state=state)


# ---- the judge ------------------------------------------------------------------------------------

class Runner:
    """Runs the worker on one platform, again behind each kernel that it does not survive."""

    def __init__(self, icd_folder, chips):
        self.ours = icd_folder
        self.scalar_chip = chips / "scalar.toml"
        nano = pathlib.Path(__file__).resolve().parents[2] / "chips" / "isobar-nano.toml"
        text = nano.read_text()
        for key, value in (("lanes", 1), ("warps", 256), ("max_work_group", 256)):
            text = re.sub(rf"(?m)^{key} *=[^#\n]*", f"{key} = {value} ", text)
        self.scalar_chip.write_text(text)

    def environment(self, where):
        environment = dict(os.environ, PYOPENCL_NO_CACHE="1", ISOBAR_TIME_LIMIT="20")
        if where.startswith("isobar"):
            environment["OCL_ICD_VENDORS"] = self.ours
            if where == "isobar scalar":
                environment["ISOBAR_CHIP"] = str(self.scalar_chip)
        else:
            environment["OCL_ICD_VENDORS"] = "/etc/OpenCL/vendors/pocl.icd"
            if where == "pocl other way":
                environment["POCL_WORK_GROUP_METHOD"] = "cbs"
        return environment

    def run(self, where, file, build, results, only=None):
        """{"log": ...} for a failed build, else the kernels' states; a state is "ran" or a reason."""
        results.mkdir()
        outcome = {"log": None, "states": {}}
        skip = []
        if where == "isobar scalar":
            build += " -cl-opt-disable"
        while True:
            command = [sys.executable, __file__, "--worker", str(file), "--build=" + build,
                       "--results", str(results)]
            command += [word for name in skip for word in ("--skip", name)]
            if where == "pocl other sizes":
                command.append("--other")
            if where == "pocl other order":
                command.append("--reversed")
            lines, errors, end = self.attempt(command, self.environment(where))
            kernels = next((x["kernels"] for x in lines if "kernels" in x), None)
            for line in lines:
                if "log" in line:
                    outcome["log"] = line["log"]
                if "kernel" in line:
                    outcome["states"][line["kernel"]] = line["state"]
                    skip.append(line["kernel"])
            if outcome["log"] is not None or end == 0:
                break
            if kernels is None:
                outcome["log"] = f"the build ended with {end}: {errors[-300:]}"
                break
            culprit = [x["running"] for x in lines if "running" in x][-1:]
            if not culprit or culprit[0] in outcome["states"]:
                break
            outcome["states"][culprit[0]] = f"failed: {end}"
            skip.append(culprit[0])
        self.note_faults(outcome, errors)
        return outcome

    @staticmethod
    def attempt(command, environment):
        try:
            done = subprocess.run(command, env=environment, capture_output=True, timeout=120)
            output, errors, end = done.stdout, done.stderr, done.returncode
        except subprocess.TimeoutExpired as late:
            output, errors, end = late.stdout or b"", late.stderr or b"", "no end within 120 s"
        lines = []
        for line in output.decode(errors="replace").splitlines():
            try:
                lines.append(json.loads(line))
            except ValueError:
                pass  # what the kernel printed
        return [x for x in lines if isinstance(x, dict)], errors.decode(errors="replace"), end

    @staticmethod
    def note_faults(outcome, errors):
        for name, what in re.findall(r"isobar: kernel (\w+): ([^:\n]+)", errors):
            if outcome["states"].get(name, "").startswith("failed"):
                outcome["states"][name] = "fault: " + what


def same(ours, theirs):
    """The first difference of two buffers as text, or None."""
    if ours.tobytes() == theirs.tobytes():
        return None
    if ours.dtype.kind != "f":  # perhaps structures with floating point members
        a, b = ours.view("f4") if ours.nbytes % 4 == 0 else ours, None
        if ours.dtype.itemsize != 4:
            return difference(ours, theirs, ours == theirs)
        b = theirs.view("f4")
        plausible = (numpy.abs(a) > 1e-20) & (numpy.abs(b) > 1e-20)
        return difference(ours, theirs, (ours == theirs) | (plausible & close(a, b, 1e-4)))
    tolerance = {2: 1e-2, 4: 1e-4, 8: 1e-9}[ours.dtype.itemsize]
    return difference(ours, theirs, close(ours, theirs, tolerance))


def close(a, b, tolerance):
    a, b = a.astype("f8"), b.astype("f8")
    with numpy.errstate(all="ignore"):
        finite = numpy.isfinite(a) & numpy.isfinite(b)
        largest = max(numpy.abs(b[numpy.isfinite(b)]), default=0.0)
        near = numpy.abs(a - b) <= numpy.maximum(tolerance * numpy.maximum(numpy.abs(a), numpy.abs(b)),
                                                 0.1 * tolerance * min(largest, 1.0))
    return (finite & near) | (a == b) | (numpy.isnan(a) & numpy.isnan(b))


def difference(ours, theirs, agree):
    if agree.all():
        return None
    i = int(numpy.argmin(agree))
    return f"{int((~agree).sum())} elements differ, [{i}]: {ours[i]} and {theirs[i]}"


def compare(mine, yours, name):
    a, b = numpy.load(mine / f"{name}.npz"), numpy.load(yours / f"{name}.npz")
    for key in a.files:
        found = same(a[key], b[key])
        if found:
            return f"{key}: {found}"
    return None


REASON = {"pocl other way": "how work-groups run", "pocl other sizes": "the size of work-groups",
          "pocl other order": "the order of work-items"}


def judge_kernel(runner, file, build, work, name, ours, theirs):
    """("same" | "skipped" | "DIFFERS", why)"""
    if ours == "ran" and theirs == "ran":
        found = compare(work / "isobar", work / "pocl", name)
        if found is None:
            return "same", ""
        if name in POCL_IS_WRONG:
            return "skipped", POCL_IS_WRONG[name]
        if name in UNDEFINED:
            return "skipped", UNDEFINED[name]
        for way in ("pocl other way", "pocl other sizes", "pocl other order"):
            other = work / way.replace(" ", "_")
            if not other.exists():
                runner.run(way, file, build, other)
            if (other / f"{name}.npz").exists() and compare(other, work / "pocl", name):
                return "skipped", f"a race: PoCL's own results depend on {REASON[way]}"
        return "DIFFERS", found
    if ours == theirs or ours.startswith("takes"):
        return "skipped", ours
    if ours.startswith("fault") and theirs.startswith("failed"):
        return "skipped", f"{ours}, and PoCL crashes"
    if ours == "ran":
        return "skipped", f"not on PoCL ({theirs[:60]})"
    if name in UNDEFINED:
        return "skipped", UNDEFINED[name]
    scalar = work / "isobar_scalar"
    if not scalar.exists():
        judge_kernel.scalar = runner.run("isobar scalar", file, build, scalar)["states"]
    if judge_kernel.scalar.get(name, "").startswith("fault"):
        return "skipped", f"{ours}, in scalar code too"
    return "DIFFERS", f"{ours}, but {theirs} on PoCL"


def judge_program(runner, file, build, label):
    """Rows (program, kernel, result, why)."""
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        text = file.read_text(errors="replace")
        ours = runner.run("isobar", file, build, work / "isobar")
        theirs = runner.run("pocl", file, build, work / "pocl")
        if ours["log"] is not None:
            first = next((x.strip() for x in ours["log"].splitlines() if "error:" in x), "")
            if theirs["log"] is not None:
                return [(label, "-", "not built", "neither builds it: " + first[:100])]
            if re.search(r"image[123]d_t|sampler_t", text):
                return [(label, "-", "not built", "images: " + first[:80])]
            return [(label, "-", "NOT BUILT", first[:160] or ours["log"][-160:])]
        if theirs["log"] is not None:
            return [(label, name, "skipped", "PoCL does not build it") for name in ours["states"]]
        return [(label, name, *judge_kernel(runner, file, build, work, name, state,
                                            theirs["states"].get(name, "failed: absent")))
                for name, state in ours["states"].items()]


def programs_of(folder):
    for file in sorted(folder.rglob("*.cl")):
        options = file.with_name(file.name + ".options")
        lines = options.read_text().splitlines() if options.exists() else [""]
        for number, build in enumerate(lines):
            label = str(file.relative_to(folder)) + (f"#{number}" if len(lines) > 1 else "")
            yield file, build.replace("$HERE", str(file.parent)), label


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("icd", nargs="?")
    parser.add_argument("kernels", nargs="?", type=pathlib.Path)
    parser.add_argument("--table")
    parser.add_argument("--only", default="")
    parser.add_argument("--worker")
    parser.add_argument("--build", default="")
    parser.add_argument("--results")
    parser.add_argument("--skip", action="append", default=[])
    parser.add_argument("--other", action="store_true")
    parser.add_argument("--reversed", action="store_true")
    options = parser.parse_args()
    if options.worker:
        return worker(options)
    if not options.kernels or not options.kernels.is_dir():
        print("ISOBAR_PEER_KERNELS names no folder of kernels: nothing to compare")
        return 77
    rows = []
    table = open(options.table, "a") if options.table else None
    with tempfile.TemporaryDirectory() as chips:
        runner = Runner(options.icd, pathlib.Path(chips))
        for file, build, label in programs_of(options.kernels):
            if options.only not in label:
                continue
            for row in judge_program(runner, file, build, label):
                rows.append(row)
                print("\t".join(row), file=table or sys.stdout, flush=True)
    suites = collections.defaultdict(collections.Counter)
    for label, kernel, result, _ in rows:
        suites[label.split("/")[0]][result] += 1
        suites[label.split("/")[0]]["kernels"] += kernel != "-"
    for suite, counts in suites.items():
        print(f"{suite}: {dict(counts)}")
    bad = [row for row in rows if row[2].isupper()]
    for row in bad:
        print("\t".join(row))
    built = sum(row[1] != "-" for row in rows)
    print(f"{built} kernels built, {sum(row[2] == 'same' for row in rows)} compared and the same, "
          f"{len(bad)} wrong")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
