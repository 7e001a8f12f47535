"""From LLVM's language to machine code for this processor.

Run as a program, `python -m charrnn.compiled.machine PROGRAM CODE`, it compiles a file that `kernels.py` has written.
"""

import os
import sys
import threading
from pathlib import Path

import llvmlite.binding as llvm

from charrnn import paths

_lock = threading.Lock()
_engines: list[object] = []  # whose code must stay

llvm.initialize_native_target()
llvm.initialize_native_asmprinter()

CPU, FEATURES = llvm.get_host_cpu_name(), llvm.get_host_cpu_features()
CHECKED = bool(os.environ.get("CHARRNN_BOUNDS"))  # whether an index out of bounds ends the process
FACTS = (llvm.llvm_version_info, CPU, FEATURES.flatten(), CHECKED)  # what machine code depends on, beside its sources


def compiled(text: str, *, hasty: bool = False) -> bytes:
    """Return an object file with the machine code of a program. hasty: of a quarter of the speed, but at once."""
    with _lock:
        machine = _target(0 if hasty else 3)
        module = llvm.parse_assembly(text)
        module.triple, module.data_layout = llvm.get_process_triple(), str(machine.target_data)
        module.verify()
        options = llvm.create_pipeline_tuning_options(speed_level=3)
        options.loop_vectorization, options.loop_interleaving, options.loop_unrolling = True, False, False
        builder = llvm.create_pass_builder(machine, options)
        passes = builder.getModulePassManager()
        if hasty:
            passes = llvm.create_new_module_pass_manager()
            passes.add_sroa_pass()
            passes.add_instruction_combine_pass()
            passes.add_simplify_cfg_pass()
        passes.run(module, builder)
        found: bytes = machine.emit_object(module)
        return found


def address(code: bytes, name: str) -> int:
    """Load an object file; return the address of one of its functions."""
    with _lock:
        engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _target(3))
        engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        engine.finalize_object()
        _engines.append(engine)
        found: int = engine.get_function_address(name)
        return found


def _target(effort: int) -> llvm.TargetMachine:
    """Return the processor, with what code in memory needs."""
    target = llvm.Target.from_default_triple()
    reloc = "static" if target.name.startswith("x86") else "default"
    return target.create_target_machine(
        cpu=CPU, features=FEATURES.flatten(), opt=effort, reloc=reloc, codemodel="jitdefault"
    )


def main(program: Path, code: Path) -> None:
    """Compile a file whose first line is kept as it is."""
    head, text = program.read_text(encoding="utf-8").split("\n", maxsplit=1)
    paths.write(code, head.encode() + b"\n" + compiled(text))
    program.unlink(missing_ok=True)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
