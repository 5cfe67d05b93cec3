using System.IO.Compression;
using Hospes.Host.Domains.Kernels;
using Hospes.Host.Plugins;
using Hospes.Host.Tests.Support;
using Hospes.Hypervisor.Builders;
using Hospes.Hypervisor.Domains;
using Hospes.Hypervisor.Memory;
using Hospes.TestGuests;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hospes.Host.Tests.Domains;

/// <summary>Kernels are unpacked once, used only as long as they are the same, and not kept for ever.</summary>
public sealed class KernelCacheTests : IDisposable
{
    private readonly TemporaryDirectory _files = new();
    private readonly ManualTime _clock = new();
    private readonly KernelCache _kernels;

    public KernelCacheTests() => _kernels = new KernelCache(_clock, NullLogger<KernelCache>.Instance);

    public void Dispose()
    {
        _kernels.Dispose();
        _files.Dispose();
    }

    [Fact]
    public void What_one_domain_has_unpacked_the_next_one_gets()
    {
        string path = Kernel("k", 0xf4);
        Build(path).Should().StartWith("gzip");
        _kernels.Bytes.Should().BePositive();
        Build(path).Should().StartWith("unpacked before");
    }

    [Fact]
    public void A_kernel_that_has_changed_is_unpacked_anew()
    {
        string path = Kernel("k", 0xf4);
        Build(path);
        Kernel("k", 0x90);
        Build(path).Should().StartWith("gzip");
        Build(path).Should().StartWith("unpacked before");
        _kernels.Lend(_files.File("none")).Should().BeNull();
    }

    [Fact]
    public void Nobody_waits_for_who_unpacks_it_just_now()
    {
        string path = Kernel("k", 0xf4);
        using KernelLoan first = _kernels.Lend(path)!;
        _kernels.Lend(path).Should().BeNull();
        Build(path, null).Should().StartWith("gzip");
    }

    [Fact]
    public void What_a_failed_creation_has_left_is_not_used()
    {
        string path = Kernel("k", 0xf4);
        using (KernelLoan loan = _kernels.Lend(path)!)
            Build(path, loan); // and is not heard of again
        _kernels.Bytes.Should().Be(0);

        // Nor what nobody has sealed, which could be changed any time.
        using (KernelLoan loan = _kernels.Lend(path)!)
        {
            RandomAccess.Write(loan.File, TinyKernel.FromCode([0x90]), 0);
            loan.NoteBuilt();
        }

        _kernels.Bytes.Should().Be(0);
        Build(path).Should().StartWith("gzip");
    }

    [Fact]
    public void What_is_complete_can_be_changed_by_nobody()
    {
        string path = Kernel("k", 0xf4);
        Build(path);
        using KernelLoan loan = _kernels.Lend(path)!;
        FluentActions.Invoking(() => RandomAccess.Write(loan.File, [1], 0)).Should().Throw<Exception>();
        FluentActions.Invoking(() => RandomAccess.SetLength(loan.File, 0)).Should().Throw<Exception>();
    }

    [Fact]
    public void It_is_given_up_when_nobody_has_asked_for_it_or_memory_is_short()
    {
        string path = Kernel("k", 0xf4);
        Build(path);
        _clock.Advance(KernelCache.Lifetime / 2);
        Build(path).Should().StartWith("unpacked before");
        _clock.Advance(KernelCache.Lifetime * 3);
        _kernels.Bytes.Should().Be(0);

        Build(path);
        using KernelLoan loan = _kernels.Lend(path)!;
        _kernels.Clear();
        _kernels.Bytes.Should().Be(0);
        Build(path, loan).Should().StartWith("unpacked before", "what is lent stays until it is given back");
    }

    [Fact]
    public void No_more_is_kept_than_there_is_room_for()
    {
        // Each a hundred MiB long, and nearly all of it zeroes.
        string[] paths = [.. Enumerable.Range(0, 4).Select(number => Kernel($"k{number}", (byte)number, padding: 100 << 20))];
        foreach (string path in paths)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            Build(path);
        }

        _kernels.Bytes.Should().BeInRange(1, KernelCache.MaximumBytes);
        Build(paths[^1]).Should().StartWith("unpacked before", "the last one asked for stays");
        Build(paths[0]).Should().StartWith("gzip");
    }

    private string Build(string path)
    {
        using KernelLoan? loan = _kernels.Lend(path);
        string description = Build(path, loan);
        loan?.NoteBuilt();
        return description;
    }

    private static string Build(string path, KernelLoan? loan)
    {
        using GuestMemory memory = new(8 << 20, 8 << 20);
        DomainConfiguration configuration = new()
        {
            DomainId = 1, Name = "k", Uuid = Guid.Empty, Kernel = path, MemoryMiB = 8, MaximumMemoryMiB = 8,
        };
        PvhBootState state = PvhBuilder.Build(configuration, memory, loan?.File);
        byte[] loaded = new byte[1];
        memory.TryRead(new Hospes.Sdk.GuestPhysical(state.CpuState.Rip), loaded).Should().BeTrue();
        loaded[0].Should().Be(0xfa, "the guest has its code, whichever way it came");
        return state.KernelDescription;
    }

    private string Kernel(string name, byte second, int padding = 0)
    {
        string path = _files.File(name);
        using GZipStream packed = new(File.Create(path), CompressionLevel.Fastest);
        packed.Write([.. TinyKernel.FromCode([0xfa, second]), .. new byte[padding]]);
        return path;
    }
}
