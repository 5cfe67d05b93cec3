using System.Runtime.CompilerServices;
using Hospes.Hypervisor.Builders;
using Hospes.Hypervisor.Domains;
using Hospes.Hypervisor.Memory;
using Hospes.Sdk;
using Hospes.Sdk.Engines;

namespace Hospes.Hypervisor.Abi.Tests.Fakes;

/// <summary>A domain over real memory with fake time, leases, engine and console. Until started, the test's thread plays its vCPUs' part.</summary>
internal sealed unsafe class Rig : IDisposable
{
    internal const ulong Scratch = 0x10_0000;
    internal const ushort DomainNumber = 7;
    internal const ulong RamBytes = 16ul << 20;
    internal static readonly GuestFrame StoreFrame = new(0xfeffc);
    internal static readonly GuestFrame ConsoleFrame = new(0xfefff);
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly List<string> _messages = [];

    internal Rig(int vcpus = 1, Sdk.Security.IDomainMediator? mediator = null)
    {
        Memory = new GuestMemory(RamBytes, 2 * RamBytes);
        StorePage = Memory.AllocateShared();
        ConsolePage = Memory.AllocateShared();
        Memory.Map(StoreFrame, StorePage);
        Memory.Map(ConsoleFrame, ConsolePage);
        Leases = [.. Enumerable.Range(0, vcpus).Select(_ => new LocalLease(Clock))];
        DomainConfiguration configuration = new()
        {
            DomainId = DomainNumber, Name = "test", Uuid = new Guid("00112233-4455-6677-8899-aabbccddeeff"), Kernel = "/none",
            MemoryMiB = (int)(RamBytes >> 20), MaximumMemoryMiB = (int)(RamBytes >> 19), Vcpus = vcpus,
        };
        PvhBootState boot = new()
        {
            CpuState = Boot, StoreFrame = StoreFrame, ConsoleFrame = ConsoleFrame, StoreHostFrame = StorePage, ConsoleHostFrame = ConsolePage,
            MemoryMap = [new(new GuestPhysical(0), RamBytes, MemoryMapType.Ram), new(new GuestPhysical(0xfeff_8000), 0x8000, MemoryMapType.Reserved)],
            StartInfo = new GuestPhysical(0x1000), Ramdisk = null, KernelDescription = "none",
        };
        Domain = new Domain(configuration, Memory, boot, Engine, Leases, Console, Clock) { Mediator = mediator };
        Domain.ShutdownRequested += reason => Ended.TrySetResult(reason);
        Domain.Failed += reason => Failure.TrySetResult(reason);
        Domain.Message += text =>
        {
            lock (_messages)
                _messages.Add(text);
        };
    }

    internal FakeClock Clock { get; } = new();

    internal ScriptedEngine Engine { get; } = new();

    internal FakeConsole Console { get; } = new();

    internal CpuState Boot { get; } = new() { Rip = 0x100_0850 };

    internal LocalLease[] Leases { get; }

    internal GuestMemory Memory { get; }

    internal HostFrame StorePage { get; }

    internal HostFrame ConsolePage { get; }

    internal Domain Domain { get; }

    internal TaskCompletionSource<ShutdownReason> Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal TaskCompletionSource<string> Failure { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal ScriptedCpu Cpu => Engine.Cpus[0];

    internal Vcpu Vcpu => Domain.Vcpus[0];

    internal string[] Messages
    {
        get
        {
            lock (_messages)
                return [.. _messages];
        }
    }

    internal byte* SharedInfo => Memory.AddressOf(Domain.SharedInfo.Frame);

    internal ulong GuestNow => Domain.Clock.Now;

    public void Dispose()
    {
        foreach (LocalLease lease in Leases)
            lease.End();
        Domain.Dispose();
    }

    /// <summary>A hypercall of vCPU 0 in 64-bit mode at privilege level 0.</summary>
    internal long Call(uint number, ulong argument1 = 0, ulong argument2 = 0, ulong argument3 = 0, bool is64Bit = true, int vcpu = 0, int privilege = 0)
    {
        HypercallFrame frame = new()
        {
            Number = number, Argument1 = argument1, Argument2 = argument2, Argument3 = argument3, Is64Bit = is64Bit, PrivilegeLevel = privilege,
            Result = 0x5a5a,
        };
        Domain.Vcpus[vcpu].Host.Hypercall(ref frame);
        return frame.Result;
    }

    /// <summary>A hypercall (cmd, structure): the structure lies at <see cref="Scratch"/>.</summary>
    internal long CallAt(uint number, ulong command, ReadOnlySpan<byte> structure, bool is64Bit = true, int vcpu = 0)
    {
        Put(Scratch, structure);
        return Call(number, command, Scratch, is64Bit: is64Bit, vcpu: vcpu);
    }

    /// <summary>An event-channel operation whose argument is a few 32-bit words; answers the word at an offset when it succeeded.</summary>
    internal uint Event(uint command, int answerAt, params uint[] words)
    {
        CallAt(32, command, Bytes(words)).Should().Be(0);
        return Get<uint>(Scratch + (ulong)answerAt);
    }

    internal long Event(uint command, params uint[] words) => CallAt(32, command, Bytes(words));

    internal void Put(ulong address, ReadOnlySpan<byte> bytes) => Memory.TryWrite(new GuestPhysical(address), bytes).Should().BeTrue();

    internal void Put<T>(ulong address, T value)
        where T : unmanaged => Put(address, new ReadOnlySpan<byte>(&value, sizeof(T)));

    internal T Get<T>(ulong address)
        where T : unmanaged
    {
        T value;
        Memory.TryRead(new GuestPhysical(address), new Span<byte>(&value, sizeof(T))).Should().BeTrue();
        return value;
    }

    internal byte[] GetBytes(ulong address, int count)
    {
        byte[] bytes = new byte[count];
        Memory.TryRead(new GuestPhysical(address), bytes).Should().BeTrue();
        return bytes;
    }

    internal ref T Shared<T>(int offset)
        where T : unmanaged => ref Unsafe.AsRef<T>(SharedInfo + offset);

    internal ref T Page<T>(HostFrame page, int offset)
        where T : unmanaged => ref Unsafe.AsRef<T>(Memory.AddressOf(page) + offset);

    internal ref byte SharedByte(int offset) => ref Shared<byte>(offset);

    /// <summary>Moves time and fires what is due.</summary>
    internal void Advance(long nanoseconds)
    {
        Clock.Advance(nanoseconds);
        Domain.Timers.RunDue();
    }

    /// <summary>Clears the mask of a port, as a guest does before it wants its events.</summary>
    internal void Unmask(uint port) => Event(9, port).Should().Be(0);

    internal bool IsPending(uint port) => (Shared<ulong>(0x800 + ((int)port / 64 * 8)) & (1ul << (int)(port % 64))) != 0;

    /// <summary>Forgets all pending events, as the guest's handler does.</summary>
    internal void ClearEvents()
    {
        Shared<byte>(0) = 0;
        Shared<ulong>(8) = 0;
        new Span<byte>(SharedInfo + 0x800, 512).Clear();
        System.Threading.Interlocked.And(ref *Leases[0].Poll, 0);
    }

    internal static byte[] Bytes(params uint[] words)
    {
        byte[] bytes = new byte[words.Length * 4];
        Buffer.BlockCopy(words, 0, bytes, 0, bytes.Length);
        return bytes;
    }

    internal static byte[] Words(params ulong[] words)
    {
        byte[] bytes = new byte[words.Length * 8];
        Buffer.BlockCopy(words, 0, bytes, 0, bytes.Length);
        return bytes;
    }
}
