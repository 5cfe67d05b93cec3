using System.Diagnostics;
using System.Net.Sockets;
using Hospes.Engines.Translator;
using Hospes.GuestTrace;
using Hospes.Host.Xenstore;
using Hospes.Host.Xenstore.Access;
using Hospes.Host.Xenstore.Tree;
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
int vcpus = int.Parse(Environment.GetEnvironmentVariable("GUEST_TRACE_VCPUS") ?? "1");
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
    Vcpus = vcpus,
};
var watch = Stopwatch.StartNew();
var memory = new GuestMemory((ulong)mib << 20, (ulong)mib << 20);
PvhBootState boot = PvhBuilder.Build(configuration, memory);
Console.Error.WriteLine($"[built in {watch.ElapsedMilliseconds} ms: {boot.KernelDescription}]");
LocalLease[] leases = [.. Enumerable.Range(0, vcpus).Select(_ => new LocalLease())];
var console = new StandardConsole(
    Environment.GetEnvironmentVariable("GUEST_TRACE_PROMPT") ?? "hospes: tour is over", Environment.GetEnvironmentVariable("GUEST_TRACE_TYPE"));
using var domain = new Domain(configuration, memory, boot, new TunedEngine(), leases, console);
using var ended = new ManualResetEventSlim();
domain.Message += text => Console.Error.WriteLine($"[{watch.ElapsedMilliseconds,6} ms] {text}");
domain.Failed += text => Console.Error.WriteLine($"[failed: {text}]");
domain.ShutdownRequested += reason =>
{
    Console.Error.WriteLine($"[shutdown: {reason}]");
    ended.Set();
};
var xenstore = new XenstoreServer();
XenstoreClient store = xenstore.Connect();
store.Write("/local/domain/1/name", "trace");
store.Write("/local/domain/1/domid", "1");
store.Write("/local/domain/1/control/platform-feature-xs_reset_watches", "1");
store.SetPermissions("/local/domain/1", NodePermissions.OwnedBy(domain.Id));
var (near, far) = SocketPair();
_ = xenstore.ServeDomain(domain.Id, new NetworkStream(far, ownsSocket: true));
xenstore.IntroduceDomain(domain.Id);
domain.ConnectStore(new NetworkStream(near, ownsSocket: true));
domain.Start();
Profile? profile = Environment.GetEnvironmentVariable("GUEST_TRACE_SYMBOLS") is { } map ? new Profile(map) : null;
var cpu = (TranslatorCpu)domain.Vcpus[0].Cpu;
long lastReport = 0;
while (!ended.Wait(profile is null ? 5000 : 1))
{
    profile?.Sample(cpu);
    if (watch.ElapsedMilliseconds - lastReport < 5000)
        continue;
    lastReport = watch.ElapsedMilliseconds;
    Console.Error.WriteLine($"[{watch.ElapsedMilliseconds,6} ms: {Progress(domain)}]");
}

Console.Error.WriteLine($"[{watch.ElapsedMilliseconds} ms, {Progress(domain)}]");
foreach ((string name, long count) in domain.Machine.Statistics.Where(pair => !pair.Key.StartsWith("handler/", StringComparison.Ordinal)))
    Console.Error.WriteLine($"[{name}: {count}]");
foreach ((string name, long count) in domain.Machine.Statistics.Where(pair => pair.Key.StartsWith("handler/", StringComparison.Ordinal))
    .OrderByDescending(pair => pair.Value).Take(30))
    Console.Error.WriteLine($"[{name}: {count}]");
profile?.Print(Console.Error);
Array.ForEach(leases, lease => lease.End());
return 0;

static string Progress(Domain domain) => string.Join(
    "; ", domain.Vcpus.Select(vcpu => $"vcpu {vcpu.Id} {vcpu.State} {vcpu.InstructionsExecuted / 1_000_000} M instructions"));

static (Socket Near, Socket Far) SocketPair()
{
    string path = Path.Combine(Path.GetTempPath(), $"guest-trace-{Environment.ProcessId}");
    using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    listener.Bind(new UnixDomainSocketEndPoint(path));
    listener.Listen(1);
    var near = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    near.Connect(new UnixDomainSocketEndPoint(path));
    Socket far = listener.Accept();
    File.Delete(path);
    return (near, far);
}
