using System.Globalization;
using System.Runtime.CompilerServices;
using Hospes.Hypervisor.Abi.Tests.Fakes;
using Hospes.Hypervisor.Backends.Devices;
using Hospes.Hypervisor.Backends.Network;
using Hospes.Hypervisor.Memory;
using Hospes.Sdk;

namespace Hospes.Hypervisor.Network.Tests;

/// <summary>A front-end played by the test: rings, grants and event channels in a real domain's memory, as xen-netfront would set them up.</summary>
internal sealed unsafe class FrontEnd : IDisposable
{
    private const ulong Table = 0x20_0000;
    private const uint Self = 0x7ff0;
    private const uint TransmitRingGrant = 8;
    private const uint ReceiveRingGrant = 9;
    private const ulong FirstFrame = 0x400;
    private const uint FirstDataGrant = 16;

    private static readonly DeviceAddress Address = new("vif", 0);

    private readonly Rig _rig = new();
    private readonly TaskCompletionSource<DeviceReport> _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<DeviceReport> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<string, string> _nodes = new(StringComparer.Ordinal);
    private readonly uint[] _ports = new uint[2];
    private uint _transmitRequests;
    private uint _transmitResponses;
    private uint _receiveRequests;
    private uint _receiveResponses;

    /// <summary>Sets all up and connects.</summary>
    /// <param name="wire">The other end.</param>
    /// <param name="settings">What the control plane would say.</param>
    /// <param name="change">Changes what the front-end announces.</param>
    internal FrontEnd(Wire wire, NetworkSettings? settings = null, Action<Dictionary<string, string>>? change = null)
    {
        _rig.CallAt(12, 7, [.. Rig.Bytes(Self, 1), .. Rig.Words(0, Table >> 12)]).Should().Be(0);
        Grant(TransmitRingGrant, FirstFrame);
        Grant(ReceiveRingGrant, FirstFrame + 1);
        Ring(FirstFrame, 1) = Ring(FirstFrame, 3) = Ring(FirstFrame + 1, 1) = Ring(FirstFrame + 1, 3) = 1;
        for (int port = 0; port < 2; port++)
            _ports[port] = _rig.Event(6, 4, Self);
        _nodes["state"] = "4";
        _nodes["tx-ring-ref"] = Text(TransmitRingGrant);
        _nodes["rx-ring-ref"] = Text(ReceiveRingGrant);
        _nodes["event-channel-tx"] = Text(_ports[0]);
        _nodes["event-channel-rx"] = Text(_ports[1]);
        foreach (string flag in (string[])["request-rx-copy", "feature-rx-notify", "feature-sg", "feature-gso-tcpv4", "feature-gso-tcpv6", "feature-ipv6-csum-offload"])
            _nodes[flag] = "1";
        change?.Invoke(_nodes);
        _rig.Domain.Devices.Reported += Hear;
        _rig.Domain.Devices.Attach(Address, context =>
        {
            Context = context;
            Backend = new NetworkBackend(context, settings ?? new NetworkSettings(), wire.Queues);
            return Backend;
        });
        _rig.Domain.Devices.Hear(Address, new FrontendNodes(_nodes));
    }

    internal NetworkBackend Backend { get; private set; } = null!;

    internal DeviceContext Context { get; private set; } = null!;

    internal Rig Rig => _rig;

    /// <summary>Waits until the back-end is connected.</summary>
    internal FrontEnd Connected()
    {
        Task first = Task.WhenAny(_connected.Task, _failed.Task).WaitAsync(Rig.Patience).GetAwaiter().GetResult();
        first.Should().BeSameAs(_connected.Task, _failed.Task.IsCompleted ? _failed.Task.Result.Error : "");
        return this;
    }

    /// <summary>Waits until the back-end gives the device up, and answers why.</summary>
    internal string Failed() => _failed.Task.WaitAsync(Rig.Patience).GetAwaiter().GetResult().Error!;

    /// <summary>The address of a page that a data grant stands for.</summary>
    internal static ulong PageOf(uint index) => (FirstFrame + 2 + index) * GuestMemory.FrameSize;

    /// <summary>Grants a page and answers the reference.</summary>
    internal uint GrantPage(uint index)
    {
        Grant(FirstDataGrant + index, FirstFrame + 2 + index);
        return FirstDataGrant + index;
    }

    /// <summary>Puts a frame into pages, at most so much into each, and sends it.</summary>
    internal void Transmit(ReadOnlySpan<byte> frame, ushort flags = 0, ExtraInformation? extra = null, int perPage = 4096, int offset = 0)
    {
        int pages = (frame.Length + perPage - 1) / perPage;
        for (int page = 0; page < pages; page++)
        {
            ReadOnlySpan<byte> part = frame.Slice(page * perPage, Math.Min(perPage, frame.Length - page * perPage));
            _rig.Put(PageOf((uint)page) + (ulong)offset, part);
            ushort more = page < pages - 1 ? TransmitRequest.MoreData : (ushort)0;
            ushort first = page == 0 ? (ushort)(flags | (extra is null ? 0 : TransmitRequest.ExtraInformation)) : (ushort)0;
            PutTransmit(new TransmitRequest
            {
                Grant = GrantPage((uint)page), Offset = (ushort)offset, Flags = (ushort)(first | more), Id = (ushort)page,
                Size = (ushort)(page == 0 ? frame.Length : part.Length),
            });
            if (page == 0 && extra is { } information)
                PutTransmit(information);
        }

        ShowTransmit();
    }

    /// <summary>Puts a raw slot into the ring, without showing it.</summary>
    internal void PutTransmit<T>(in T slot)
        where T : unmanaged
    {
        _rig.Put(FirstFrame * 4096 + 64 + (_transmitRequests % 256 * 12), slot);
        _transmitRequests++;
    }

    /// <summary>Shows all slots and notifies.</summary>
    internal void ShowTransmit(uint ahead = 0)
    {
        Volatile.Write(ref Ring(FirstFrame, 0), _transmitRequests + ahead);
        _rig.Event(4, _ports[0]);
    }

    /// <summary>Waits for responses to so many slots.</summary>
    internal TransmitResponse[] Responses(int count) => [.. Enumerable.Range(0, count).Select(_ =>
    {
        Await(FirstFrame, 2, _transmitResponses);
        return _rig.Get<TransmitResponse>(FirstFrame * 4096 + 64 + (_transmitResponses++ % 256 * 12));
    })];

    /// <summary>Offers pages to be filled.</summary>
    internal void Offer(int count, uint? grant = null)
    {
        for (int page = 0; page < count; page++)
        {
            uint index = 64 + (_receiveRequests % 64);
            _rig.Put((FirstFrame + 1) * 4096 + 64 + (_receiveRequests % 256 * 8), new ReceiveRequest
            {
                Id = (ushort)(_receiveRequests % 256), Grant = grant ?? GrantPage(index),
            });
            _receiveRequests++;
        }

        Volatile.Write(ref Ring(FirstFrame + 1, 0), _receiveRequests);
        _rig.Event(4, _ports[1]);
    }

    /// <summary>Waits for a response; answers it with the page's bytes.</summary>
    internal (ReceiveResponse Response, byte[] Bytes) Received()
    {
        Await(FirstFrame + 1, 2, _receiveResponses);
        ReceiveResponse response = _rig.Get<ReceiveResponse>((FirstFrame + 1) * 4096 + 64 + (_receiveResponses % 256 * 8));
        byte[] bytes = response.Status > 0 ? _rig.GetBytes(PageOf(64 + (_receiveResponses % 64)) + response.Offset, response.Status) : [];
        _receiveResponses++;
        return (response, bytes);
    }

    /// <summary>The slot at the next response's place, as extra information.</summary>
    internal ExtraInformation ReceivedExtra()
    {
        Await(FirstFrame + 1, 2, _receiveResponses);
        return _rig.Get<ExtraInformation>((FirstFrame + 1) * 4096 + 64 + (_receiveResponses++ % 256 * 8));
    }

    /// <summary>A whole packet of one or more pages.</summary>
    internal byte[] ReceivedFrame(out ushort flags, out ExtraInformation? extra)
    {
        (ReceiveResponse response, byte[] bytes) = Received();
        flags = response.Flags;
        extra = (flags & ReceiveResponse.ExtraInformation) != 0 ? ReceivedExtra() : null;
        List<byte> all = [.. bytes];
        while ((response.Flags & ReceiveResponse.MoreData) != 0)
        {
            (response, bytes) = Received();
            all.AddRange(bytes);
        }

        return [.. all];
    }

    /// <summary>Use bits of a data grant's entry: 8 while it is read, 16 while it is written.</summary>
    internal int UseOf(uint index) => _rig.Get<ushort>(Table + ((FirstDataGrant + index) * 8)) & 0x18;

    internal long Counter(string name) => Backend.Counters.Single(counter => counter.Key == name).Value;

    public void Dispose() => _rig.Dispose();

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);

    private void Grant(uint reference, ulong frame) => _rig.Put(Table + (reference * 8), 1ul | (frame << 32));

    private ref uint Ring(ulong frame, int index) => ref Unsafe.AsRef<uint>(_rig.Memory.FindFrame(new GuestFrame(frame)) + index * 4);

    // The back-end's progress shows in the ring and nowhere else; a guest would sleep until its event.
    private void Await(ulong frame, int index, uint beyond) => SpinWait.SpinUntil(() => Volatile.Read(ref Ring(frame, index)) - beyond is > 0 and < 0x8000_0000, Rig.Patience)
        .Should().BeTrue("the back-end was to respond");

    private void Hear(DeviceReport report)
    {
        if (report.Error is not null)
            _failed.TrySetResult(report);
        else if (report.State == XenbusState.Connected)
            _connected.TrySetResult(report);
    }
}
