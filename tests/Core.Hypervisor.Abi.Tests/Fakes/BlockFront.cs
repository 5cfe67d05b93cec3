using System.Collections.Concurrent;
using Hospes.Hypervisor.Backends.Block;
using Hospes.Hypervisor.Backends.Devices;
using Hospes.Sdk;
using Hospes.Sdk.Storage;

namespace Hospes.Hypervisor.Abi.Tests.Fakes;

/// <summary>A block front-end by hand: its ring, grants and channel in a rig's guest memory.</summary>
internal sealed unsafe class BlockFront
{
    internal const ulong RingPage = 0x20_0000;
    internal const ulong DataPages = 0x30_0000;
    internal const uint RingGrant = 8;
    internal const uint FirstDataGrant = 16;
    internal static readonly DeviceAddress Address = new("vbd", 51712);

    private readonly BlockingCollection<DeviceReport> _reports = [];

    internal BlockFront(Rig rig, IBlockImage image, BlockOptions? options = null)
    {
        Rig = rig;
        rig.Domain.Devices.Reported += _reports.Add;
        rig.Domain.Devices.Attach(Address, context =>
        {
            Backend = new BlockBackend(context, image, options ?? new BlockOptions { IsWritable = true });
            return Backend;
        });
    }

    internal Rig Rig { get; }

    internal BlockBackend Backend { get; private set; } = null!;

    internal uint Port { get; private set; }

    internal uint Produced { get; set; }

    internal uint Answered { get; set; }

    internal DeviceReport Next()
    {
        _reports.TryTake(out DeviceReport? report, Rig.Patience).Should().BeTrue("the back-end says something");
        return report!;
    }

    /// <summary>Announces a ring and answers what the back-end published when connected.</summary>
    internal DeviceReport Connect(params (string Name, string Value)[] more)
    {
        Next().State.Should().Be(XenbusState.InitWait);
        Prepare();
        Write(XenbusState.Initialised, more);
        return Next();
    }

    internal void Prepare()
    {
        Rig.Put(RingPage, new byte[4096]);
        Rig.Put(RingPage + 4, 1u);
        Rig.Put(RingPage + 12, 1u);
        Grant(RingGrant, RingPage);
        Port = Rig.Event(6, 4, 0x7ff0); // for domain 0: domid SELF in the low half, 0 in the high half
    }

    internal void Write(XenbusState state, params (string Name, string Value)[] more)
    {
        Dictionary<string, string> nodes = new(StringComparer.Ordinal)
        {
            ["state"] = $"{(int)state}", ["ring-ref"] = $"{RingGrant}", ["event-channel"] = $"{Port}", ["protocol"] = "x86_64-abi",
        };
        foreach ((string name, string value) in more)
            nodes[name] = value;
        Rig.Domain.Devices.Hear(Address, new FrontendNodes(nodes));
    }

    /// <summary>Grants a page to domain 0.</summary>
    internal void Grant(uint reference, ulong address, bool readOnly = false)
    {
        Rig.Domain.Grants.Offer(new GrantReference(reference), new GuestFrame(address / 4096));
        if (readOnly)
            Rig.Domain.Grants.MakeReadOnly(new GrantReference(reference));
    }

    /// <summary>A data page's address, granted under its own reference.</summary>
    internal ulong Data(int page)
    {
        ulong address = DataPages + ((ulong)page * 4096);
        Grant(FirstDataGrant + (uint)page, address);
        return address;
    }

    /// <summary>Puts a request into the ring, not yet told.</summary>
    internal void Put(byte operation, byte segments, ulong id, ulong sector, params (uint Grant, byte First, byte Last)[] data)
    {
        byte[] entry = new byte[112];
        entry[0] = operation;
        entry[1] = segments;
        BitConverter.TryWriteBytes(entry.AsSpan(8), id);
        BitConverter.TryWriteBytes(entry.AsSpan(16), sector);
        for (int index = 0; index < data.Length; index++)
        {
            BitConverter.TryWriteBytes(entry.AsSpan(24 + (index * 8)), data[index].Grant);
            entry[28 + (index * 8)] = data[index].First;
            entry[29 + (index * 8)] = data[index].Last;
        }

        Put(entry);
    }

    internal void Put(byte[] entry)
    {
        Rig.Put(RingPage + 64 + (Produced % 32 * 112), entry);
        Produced++;
    }

    /// <summary>Tells what was put.</summary>
    internal void Kick()
    {
        Rig.Put(RingPage, Produced);
        Rig.Event(4, Port);
    }

    /// <summary>Waits for an answer.</summary>
    internal (ulong Id, byte Operation, short Status) Take()
    {
        SpinWait.SpinUntil(() => Rig.Get<uint>(RingPage + 8) != Answered, Rig.Patience).Should().BeTrue("the back-end answers");
        ulong at = RingPage + 64 + (Answered % 32 * 112);
        Answered++;
        Rig.Put(RingPage + 12, Answered + 1);
        return (Rig.Get<ulong>(at), Rig.Get<byte>(at + 8), Rig.Get<short>(at + 10));
    }

    internal (ulong Id, byte Operation, short Status) Do(byte operation, byte segments, ulong sector, params (uint Grant, byte First, byte Last)[] data)
    {
        Put(operation, segments, 77, sector, data);
        Kick();
        return Take();
    }
}
