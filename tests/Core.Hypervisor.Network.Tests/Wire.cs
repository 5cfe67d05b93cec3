using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Hospes.Linux.Networking;
using Hospes.Linux.Networking.Taps;
using Hospes.Hypervisor.Backends.Network;
using Hospes.Hypervisor.Native;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Hypervisor.Network.Tests;

/// <summary>
/// A namespace with a bridge of two taps: one is the device's, the other is read and written here, frame by frame, so that what passes has been through
/// the kernel. The kernel finishes checksums and cuts segments on the way unless <see cref="Accept"/> says that this end does.
/// </summary>
internal sealed unsafe class Wire : IDisposable
{
    private const int Again = 20; // milliseconds
    private const int ProbeLength = 60;
    private const ushort ProbeType = 0x88b5; // for experiments (IEEE 802)

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly NetworkNamespace _namespace = NeedsNamespaces.Create();
    private readonly TapDevice _near;
    private readonly SafeFileHandle _end;

    internal Wire(int queues = 1, int mtu = 1500)
    {
        TapDevice device = _namespace.Run(() => TapDevice.Create("guest", queues));
        _near = _namespace.Run(() => TapDevice.Create("wire", 1));
        _end = _near.Queues[0];
        using KernelNetwork network = new(_namespace);
        network.Links.AddBridge("bridge");
        foreach (string name in (string[])["bridge", "guest", "wire"])
        {
            // The kernel's own packets (router solicitations) are none of a test's.
            network.WriteSwitch($"net/ipv6/conf/{name}/disable_ipv6", "1");
            network.Links.SetMtu(name, mtu);
        }

        foreach (string name in (string[])["guest", "wire"])
        {
            network.Links.SetMaster(name, "bridge");
            network.Links.SetUp(name);
        }

        network.Links.SetUp("bridge");
        Queues = device.Queues;
        AwaitPassage(Queues[0], _end);
        AwaitPassage(_end, Queues[0]);
    }

    /// <summary>The device's ends, for its back-end.</summary>
    internal IReadOnlyList<SafeFileHandle> Queues { get; }

    internal void Accept(TapOffloads offloads) => TapDevice.SetOffloads(_end, offloads);

    internal void Send(ReadOnlySpan<byte> frame, VirtioHeader header = default)
    {
        fixed (byte* bytes = frame)
        {
            IoVector* vectors = stackalloc IoVector[2];
            vectors[0] = new IoVector(&header, VirtioHeader.Size);
            vectors[1] = new IoVector(bytes, frame.Length);
            Libc.Writev(Descriptor, vectors, 2).Should().Be(frame.Length + VirtioHeader.Size, Marshal.GetLastPInvokeErrorMessage());
        }
    }

    /// <summary>The next frame; fails when none comes.</summary>
    internal byte[] Receive() => Receive(out _);

    internal byte[] Receive(out VirtioHeader header)
    {
        byte[] buffer = new byte[80 * 1024];
        VirtioHeader found = default;
        fixed (byte* bytes = buffer)
        {
            PollEntry entry = new() { Descriptor = Descriptor, Events = Libc.PollIn };
            Libc.Poll(&entry, 1, (int)Patience.TotalMilliseconds).Should().Be(1, "a frame was to come");
            IoVector* vectors = stackalloc IoVector[2];
            vectors[0] = new IoVector(&found, VirtioHeader.Size);
            vectors[1] = new IoVector(bytes, buffer.Length);
            nint length = Libc.Readv(Descriptor, vectors, 2);
            length.Should().BeGreaterThan(VirtioHeader.Size);
            header = found;
            return buffer[..((int)length - VirtioHeader.Size)];
        }
    }

    public void Dispose()
    {
        _near.Dispose();
        foreach (SafeFileHandle queue in Queues)
            queue.Dispose();
        _namespace.Dispose();
    }

    // A bridge drops what it gets before it has taken note that its ports are up: frames are sent until one arrives. Of those under way then, the last
    // comes last.
    private static void AwaitPassage(SafeFileHandle from, SafeFileHandle to)
    {
        int sent = 0;
        int received = -1;
        for (long end = Environment.TickCount64 + (long)Patience.TotalMilliseconds; received < 0; received = TakeProbe(to, Again))
        {
            (Environment.TickCount64 < end).Should().BeTrue("the wire was to come up");
            SendProbe(from, ++sent);
        }

        while (received < sent)
            received = TakeProbe(to, (int)Patience.TotalMilliseconds);
    }

    private static void SendProbe(SafeFileHandle from, int number)
    {
        byte* probe = stackalloc byte[VirtioHeader.Size + ProbeLength];
        Span<byte> bytes = new(probe, VirtioHeader.Size + ProbeLength);
        bytes.Clear();
        Span<byte> frame = bytes[VirtioHeader.Size..];
        frame[..6].Fill(0xff);
        frame[6] = 2; // from an address of nobody's
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], ProbeType);
        BinaryPrimitives.WriteInt32BigEndian(frame[14..], number);
        IoVector vector = new(probe, bytes.Length);
        Libc.Writev((int)from.DangerousGetHandle(), &vector, 1);
    }

    /// <summary>The number of a probe that has arrived; -1: none has in this time.</summary>
    private static int TakeProbe(SafeFileHandle to, int milliseconds)
    {
        PollEntry entry = new() { Descriptor = (int)to.DangerousGetHandle(), Events = Libc.PollIn };
        if (Libc.Poll(&entry, 1, milliseconds) != 1)
            return -1;
        byte* buffer = stackalloc byte[2048];
        IoVector vector = new(buffer, 2048);
        nint length = Libc.Readv(entry.Descriptor, &vector, 1);
        ReadOnlySpan<byte> frame = new(buffer + VirtioHeader.Size, (int)length - VirtioHeader.Size);
        return BinaryPrimitives.ReadUInt16BigEndian(frame[12..]) == ProbeType ? BinaryPrimitives.ReadInt32BigEndian(frame[14..]) : -1;
    }

    private int Descriptor => (int)_end.DangerousGetHandle();
}
