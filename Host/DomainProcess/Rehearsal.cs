using Hospes.Hypervisor.Builders;
using Hospes.Hypervisor.Domains;
using Hospes.Hypervisor.Leases;
using Hospes.Hypervisor.Memory;
using Hospes.Sdk;
using Hospes.Sdk.Engines;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Host.DomainProcess;

/// <summary>
/// A whole life of a guest of two instructions, before the process has a domain: what the runtime compiles and looks up at first use is then there for the
/// domain that somebody waits for.
/// </summary>
internal static class Rehearsal
{
    private const int MemoryMiB = 4;

    // The guest ends after microseconds; on a host where it does not, the process is of use without the rest of the rehearsal.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Does it; returns when nothing of the guest is left.</summary>
    /// <param name="engine">What will execute the domain.</param>
    public static void Run(IExecutionEngine engine)
    {
        using SafeFileHandle kernel = UnpackedKernel.Create();
        RehearsalKernel.Write(kernel);
        DomainConfiguration configuration = new()
        {
            DomainId = DomainId.Self.Value,
            Name = "rehearsal",
            Uuid = Guid.Empty,
            Kernel = $"/proc/self/fd/{kernel.DangerousGetHandle()}",
            MemoryMiB = MemoryMiB,
            MaximumMemoryMiB = MemoryMiB,
        };
        GuestMemory memory = new(MemoryMiB << 20, MemoryMiB << 20);
        PvhBootState boot = PvhBuilder.Build(configuration, memory);
        using DomainLeases leases = new(1, doorbells: null, paused: false);
        using ManualResetEventSlim ended = new();
        using Domain domain = new(configuration, memory, boot, engine, [leases[new VcpuId(0)]], new SilentConsole());
        domain.ShutdownRequested += _ => ended.Set();
        domain.Start();
        ended.Wait(Patience);
        leases.End();
    }
}
