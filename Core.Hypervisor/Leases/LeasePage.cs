using Microsoft.Win32.SafeHandles;

namespace Hospes.Hypervisor.Leases;

/// <summary>
/// The leases of one domain's vCPUs in a memory file that its process and the Host both map: a header line, then one <see cref="LeaseLine"/> per vCPU.
/// </summary>
public sealed unsafe class LeasePage : IDisposable
{
    /// <summary>As many vCPUs as the attention word has bits; Xen's own tools of the day stop at 32.</summary>
    public const int MostVcpus = 64;

    private const string Name = "lease";

    private readonly SharedPage _page;

    private LeasePage(SharedPage page, int vcpus)
    {
        _page = page;
        Vcpus = vcpus;
    }

    /// <summary>How many leases there are. Read once: the other side cannot change it under us.</summary>
    public int Vcpus { get; }

    /// <summary>The memory file, to hand to the other process.</summary>
    public SafeFileHandle Handle => _page.Handle;

    /// <summary>Makes a page of leases that are all offline.</summary>
    public static LeasePage Create(int vcpus)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(vcpus, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(vcpus, MostVcpus);
        var page = new LeasePage(SharedPage.Create(Name, Bytes(vcpus)), vcpus);
        page.Header->Magic = LeasePageHeader.ExpectedMagic;
        page.Header->Version = LeasePageHeader.ExpectedVersion;
        page.Header->Vcpus = vcpus;
        return page;
    }

    /// <summary>Maps the page another process made; takes the handle over.</summary>
    /// <exception cref="InvalidDataException">It is no lease page, or one of another version; the message says which.</exception>
    public static LeasePage Open(SafeFileHandle handle)
    {
        SharedPage shared = SharedPage.Open(handle, Name, Bytes(1));
        var header = (LeasePageHeader*)shared.Address;
        int vcpus = Volatile.Read(ref header->Vcpus);
        string? fault = header switch
        {
            _ when header->Magic != LeasePageHeader.ExpectedMagic => "it does not begin as one",
            _ when header->Version != LeasePageHeader.ExpectedVersion => $"its version is {header->Version}, ours {LeasePageHeader.ExpectedVersion}",
            _ when vcpus is < 1 or > MostVcpus => $"it claims {vcpus} vCPUs",
            _ when shared.Length < Bytes(vcpus) => $"it has {shared.Length} bytes, too few for {vcpus} vCPUs",
            _ => null,
        };
        if (fault is null)
            return new LeasePage(shared, vcpus);
        shared.Dispose();
        throw new InvalidDataException($"what was handed over as a lease page is not usable: {fault}");
    }

    /// <summary>A vCPU's line; valid until <see cref="Dispose"/>.</summary>
    public LeaseLine* Line(int vcpu)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(vcpu);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(vcpu, Vcpus);
        return (LeaseLine*)_page.Address + 1 + vcpu;
    }

    /// <summary>Domain's side: marks a vCPU that the Host is to look at. To be followed by a ring.</summary>
    internal void RaiseAttention(int vcpu) => Interlocked.Or(ref Header->Attention, 1UL << vcpu);

    /// <summary>
    /// Host's side: takes the marks; bit n is vCPU n. To be called after the doorbell's count was read for the next wait: a mark set later comes with
    /// a ring that ends that wait.
    /// </summary>
    public ulong TakeAttention() => Volatile.Read(ref Header->Attention) == 0 ? 0 : Interlocked.Exchange(ref Header->Attention, 0);

    /// <inheritdoc/>
    public void Dispose() => _page.Dispose();

    private LeasePageHeader* Header => (LeasePageHeader*)_page.Address;

    private static int Bytes(int vcpus) => (vcpus + 1) * LeaseLine.Size;
}
