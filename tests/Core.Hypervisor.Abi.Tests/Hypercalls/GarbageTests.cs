using System.Diagnostics;
using Hospes.Hypervisor.Abi.Tests.Fakes;
using Hospes.Sdk.Engines;
using Xunit.Abstractions;

namespace Hospes.Hypervisor.Abi.Tests.Hypercalls;

/// <summary>A guest that does its worst: whatever it calls with, the domain answers and goes on.</summary>
public sealed class GarbageTests(ITestOutputHelper output)
{
    private static readonly uint[] Numbers = [12, 15, 17, 18, 20, 21, 24, 29, 32, 34];
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(2);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Random_hypercalls_never_throw_and_always_come_back(int seed)
    {
        using Rig rig = new(vcpus: 2);
        rig.Engine.Remembers = false;
        Random random = new(seed);
        byte[] garbage = new byte[256];
        Stopwatch watch = Stopwatch.StartNew();
        TimeSpan slowest = default;
        long calls = 0;
        for (; watch.Elapsed < Duration; calls++)
        {
            if (calls % 4 == 0)
                Fill(random, garbage);
            rig.Memory.TryWrite(new Sdk.GuestPhysical(Rig.Scratch), garbage);
            HypercallFrame frame = new()
            {
                Number = random.Next(40) switch
                {
                    0 => (ulong)random.NextInt64(),
                    1 => 13,
                    _ => Numbers[random.Next(Numbers.Length)],
                },
                Argument1 = Argument(random, 30),
                Argument2 = random.Next(3) == 0 ? Argument(random, 5) : Rig.Scratch + (ulong)random.Next(16),
                Argument3 = random.Next(2) == 0 ? Argument(random, 4) : Rig.Scratch + (ulong)random.Next(64),
                Argument4 = Argument(random, 4),
                Is64Bit = random.Next(4) != 0,
                PrivilegeLevel = random.Next(16) == 0 ? 3 : 0,
            };
            TimeSpan before = watch.Elapsed;
            rig.Domain.Vcpus[random.Next(2)].Host.Hypercall(ref frame);
            TimeSpan took = watch.Elapsed - before;
            slowest = took > slowest ? took : slowest;
            if (calls % 1000 == 0)
                rig.Advance(random.NextInt64(1_000_000));
        }

        output.WriteLine($"seed {seed}: {calls} hypercalls, the slowest {slowest.TotalMilliseconds} ms");
        calls.Should().BeGreaterThan(1000, "a machine too busy for that proves nothing");
        rig.Call(17, 0).Should().Be(0x0004_0011, "the domain is still there");
    }

    [Fact]
    public void Random_device_and_MSR_accesses_never_throw()
    {
        using Rig rig = new(vcpus: 2);
        Random random = new(5);
        for (int access = 0; access < 500_000; access++)
        {
            VcpuAccess(rig.Domain.Vcpus[random.Next(2)].Host, random);
            if (access % 1000 == 0)
                rig.Advance(random.NextInt64(1_000_000));
        }

        rig.Call(17, 0).Should().Be(0x0004_0011);
    }

    private static void VcpuAccess(IGuestCpuHost host, Random random)
    {
        ulong value = (ulong)random.NextInt64() << random.Next(2);
        int size = 1 << random.Next(4);
        Sdk.GuestPhysical address = new(0xfee0_0000 + ((ulong)random.Next(4096) & ~(ulong)(size - 1)));
        uint msr = random.Next(3) switch
        {
            0 => 0x1b,
            1 => 0x800 + (uint)random.Next(256),
            _ => 0x4000_0000,
        };
        switch (random.Next(8))
        {
            case 0:
                host.ReadDevice(address, size);
                break;
            case 1:
                host.WriteDevice(address, size, value);
                break;
            case 2:
                host.TryReadMsr(msr, out _);
                break;
            case 3:
                host.TryWriteMsr(msr, msr == 0x1b ? 0xfee0_0000 | (value & 0xd00) : value);
                break;
            case 4:
                host.TaskPriority = (byte)(value & 15);
                break;
            case 5:
                host.Cpuid(0x4000_0000 + (uint)random.Next(16), (uint)random.Next(4), default);
                break;
            case 6:
                host.WritePort((ushort)value, 1 << random.Next(3), (uint)value);
                host.ReadPort((ushort)value, 1 << random.Next(3));
                break;
            default:
                int vector = host.AcknowledgeInterrupt();
                vector.Should().BeInRange(-1, 255);
                break;
        }
    }

    private static ulong Argument(Random random, int small) => random.Next(6) switch
    {
        0 => (ulong)random.NextInt64(),
        1 => ulong.MaxValue - (ulong)random.Next(4096),
        2 => Rig.RamBytes - (ulong)random.Next(64),
        _ => (ulong)random.Next(small),
    };

    // Mostly plausible words, so that checks behind the first are reached too.
    private static void Fill(Random random, byte[] garbage)
    {
        for (int offset = 0; offset < garbage.Length; offset += 8)
        {
            ulong word = random.Next(8) switch
            {
                0 => (ulong)random.NextInt64(),
                1 => 0x7ff0,
                2 => Rig.Scratch + (ulong)random.Next(256),
                3 => ulong.MaxValue,
                4 => (uint)random.Next(8192) | ((ulong)(uint)random.Next(8192) << 32),
                _ => (uint)random.Next(64) | ((ulong)(uint)random.Next(8) << 32),
            };
            BitConverter.TryWriteBytes(garbage.AsSpan(offset), word);
        }
    }
}
