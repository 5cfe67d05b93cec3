using System.Runtime.InteropServices;
using Hospes.Engines.Translator.State;

namespace Hospes.Engines.Translator.Decode;

/// <summary>
/// Decoded instructions that run from the first to the last, at one place of physical memory in one mode. Lives in the cache's arena; memory of a
/// dropped block stays readable until the arena is emptied between two blocks.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Block
{
    /// <summary>Null until the interpreter needs them, where there is emitted code.</summary>
    internal MicroOp* Ops;

    /// <summary>Next block of the same hash chain.</summary>
    internal Block* NextInChain;

    /// <summary>Guest-physical address of the first byte.</summary>
    internal ulong Physical;

    /// <summary>Guest frame of the last instruction's end when it lies in another frame than the start, else all ones.</summary>
    internal ulong SecondFrame;

    /// <summary>Instructions.</summary>
    internal int Count;

    internal CpuMode Mode;

    /// <summary>Times it was executed, until it is translated; far below zero once that is known to be impossible.</summary>
    internal int Executions;

    /// <summary>Emitted code for the supervisor, or null.</summary>
    internal nint SupervisorCode;

    /// <summary>Emitted code for privilege level 3, or null.</summary>
    internal nint UserCode;

    /// <summary>False once the code it was made from changed.</summary>
    internal bool Live;
}
