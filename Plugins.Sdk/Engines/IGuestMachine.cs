using System.Collections.ObjectModel;

namespace Hospes.Sdk.Engines;

/// <summary>One guest's processors over one memory. Disposing it after all its CPUs have left <see cref="IGuestCpu.Run"/> frees what they shared.</summary>
public unsafe interface IGuestMachine : IDisposable
{
    /// <summary>
    /// What the engine has counted since the machine was made, summed over its CPUs: for people, who see it by <c>hospes perf</c>. Names are the engine's
    /// own, such as <c>page-walks</c> or <c>exit/memory</c>. One that ends in <c>-used</c> or <c>-reserved</c> is an amount; all others only grow, and are shown as
    /// rates too. Nothing, unless the engine counts. Any thread, while CPUs run; may be a little behind them.
    /// </summary>
    IReadOnlyDictionary<string, long> Statistics => ReadOnlyDictionary<string, long>.Empty;

    /// <summary>Makes one virtual CPU, in the state of a CPU after RESET. All CPUs of a machine are made before the first one runs.</summary>
    /// <param name="id">Its number in the domain.</param>
    /// <param name="host">What the CPU asks when it needs something from outside itself; called on the thread that is in <see cref="IGuestCpu.Run"/>.</param>
    /// <param name="poll">
    /// The CPU's poll word: <see cref="PollBits"/>, set by anybody with an atomic OR, read by the engine at least once per block of guest code.
    /// May lie in memory shared with another process; valid for the life of the CPU.
    /// </param>
    IGuestCpu CreateCpu(VcpuId id, IGuestCpuHost host, uint* poll);

    /// <summary>
    /// The memory behind these frames is no longer what it was (mapped, removed, replaced): forget translations and code of theirs. When this returns,
    /// no CPU reaches the memory that was there before, but a CPU on whose thread it was called, which forgets before its next guest instruction.
    /// Any thread that holds no lock which a CPU's host callback may wait for; hypercalls may, no CPU waits inside one.
    /// </summary>
    void MappingChanged(GuestFrame first, ulong count);

    /// <summary>
    /// Bytes were written by something other than this machine's CPUs (a device, a grant copy, the domain builder): forget code decoded from them.
    /// Any thread; to be called after the write.
    /// </summary>
    void ContentWritten(GuestPhysical start, ulong length);
}
