using Hospes.Hypervisor.Builders;
using Hospes.TestGuests;

namespace Hospes.Hypervisor.Tests.Builders;

public sealed class StreamingTests : IDisposable
{
    private readonly TemporaryDirectory _files = new();

    public void Dispose() => _files.Dispose();

    [SkippableTheory]
    [InlineData("gzip")]
    [InlineData("bzip2")]
    [InlineData("xz")]
    [InlineData("zstd")]
    [InlineData("lz4")]
    public void Several_compressed_streams_in_a_row_are_one_image(string method)
    {
        // What pbzip2, pigz, pxz and pzstd make of a kernel.
        byte[] elf = TinyKernel.FromCode(Enumerable.Range(0, 200_000).Select(number => (byte)(number / 7)).ToArray());
        byte[] compressed = [.. Compressor.Compress(method, elf[..100_000]), .. Compressor.Compress(method, elf[100_000..])];
        byte[] image = BzImage.Wrap(compressed, method == "gzip" ? null : (uint)elf.Length);

        using KernelImage kernel = KernelImage.Load(_files.Write("vmlinuz", image));

        byte[] code = new byte[200_000];
        kernel.Contents.Read(kernel.Segments[0].FileOffset, code);
        code.Should().Equal(elf[0x1000..(0x1000 + 200_000)]);
    }
}
