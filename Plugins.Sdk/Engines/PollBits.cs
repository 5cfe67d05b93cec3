namespace Hospes.Sdk.Engines;

/// <summary>Bits of a CPU's poll word. Setters use an atomic OR; the reader named with each bit clears it.</summary>
[Flags]
public enum PollBits : uint
{
    /// <summary>Nothing asked.</summary>
    None = 0,

    /// <summary>Leave <see cref="IGuestCpu.Run"/> with <see cref="CpuExit.Requested"/>. Cleared by whoever runs the vCPU thread, not by the engine.</summary>
    Exit = 1,

    /// <summary>An interrupt may be waiting: call <see cref="IGuestCpuHost.AcknowledgeInterrupt"/> when the guest can take one. Cleared by the engine.</summary>
    Interrupt = 2,

    /// <summary>Deliver a non-maskable interrupt. Cleared by the engine.</summary>
    Nmi = 4,

    /// <summary>For the engine's own use (shoot-downs and the like).</summary>
    Engine = 8,
}
