using System.Diagnostics;
using Hospes.Engines.Translator;
using Hospes.GuestTrace;
using Hospes.Hypervisor.Builders;
using Hospes.Hypervisor.Domains;
using Hospes.Hypervisor.Leases;
using Hospes.Hypervisor.Memory;

// Boots a guest in this one process, without Host, store or plugins, and shows what it does: the tool to reach for when a guest dies.
if (args.Length < 1 || args[0] is "-h" or "--help")
{
    Console.Error.WriteLine("usage: GuestTrace KERNEL [RAMDISK|-] [MIB] [COMMAND LINE...]");
    return 2;
}

int mib = args.Length > 2 ? int.Parse(args[2]) : 256;
var configuration = new DomainConfiguration
{
    DomainId = 1,
    Name = "trace",
    Uuid = Guid.NewGuid(),
    Kernel = Path.GetFullPath(args[0]),
    Ramdisk = args.Length > 1 && args[1] != "-" ? Path.GetFullPath(args[1]) : null,
    CommandLine = string.Join(' ', args.Skip(3)),
    MemoryMiB = mib,
    MaximumMemoryMiB = mib,
};
var watch = Stopwatch.StartNew();
var memory = new GuestMemory((ulong)mib << 20, (ulong)mib << 20);
PvhBootState boot = PvhBuilder.Build(configuration, memory);
Console.Error.WriteLine($"[built in {watch.ElapsedMilliseconds} ms: {boot.KernelDescription}]");
using var lease = new LocalLease();
using var domain = new Domain(configuration, memory, boot, new TranslatorEngine(), [lease], new StandardConsole());
using var ended = new ManualResetEventSlim();
domain.Message += text => Console.Error.WriteLine($"[{watch.ElapsedMilliseconds,6} ms] {text}");
domain.Failed += text => Console.Error.WriteLine($"[failed: {text}]");
domain.ShutdownRequested += reason =>
{
    Console.Error.WriteLine($"[shutdown: {reason}]");
    ended.Set();
};
domain.Start();
while (!ended.Wait(TimeSpan.FromSeconds(5)))
{
    ulong executed = domain.Vcpus[0].Cpu.InstructionsExecuted;
    Console.Error.WriteLine($"[{watch.ElapsedMilliseconds,6} ms: {executed / 1_000_000} M instructions]");
}

Console.Error.WriteLine($"[{watch.ElapsedMilliseconds} ms, {domain.Vcpus[0].Cpu.InstructionsExecuted / 1_000_000} M instructions]");
lease.End();
return 0;
