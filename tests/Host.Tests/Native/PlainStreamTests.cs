using Hospes.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Host.Tests.Native;

/// <summary>Standard output and error, as files that others write to as well.</summary>
public sealed class PlainStreamTests
{
    [Fact]
    public void Those_who_share_a_descriptor_do_not_write_over_each_other()
    {
        string path = Path.GetTempFileName();
        try
        {
            using (SafeFileHandle file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite))
            {
                using StreamWriter output = new(new PlainStream((int)file.DangerousGetHandle())) { AutoFlush = true };
                using StreamWriter error = new(new PlainStream((int)file.DangerousGetHandle())) { AutoFlush = true };
                output.Write("one ");
                error.Write("two ");
                output.Write("three");
            }

            File.ReadAllText(path).Should().Be("one two three");
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_descriptor_that_is_none_is_an_error()
    {
        using PlainStream stream = new(-1);
        FluentActions.Invoking(() => stream.Write("x"u8)).Should().Throw<IOException>().WithMessage("cannot write*");
    }

    [Fact]
    public void It_can_do_nothing_else()
    {
        using PlainStream stream = new(-1);
        (stream.CanRead, stream.CanSeek, stream.CanWrite).Should().Be((false, false, true));
        FluentActions.Invoking(() => stream.Read(new byte[1], 0, 1)).Should().Throw<NotSupportedException>();
    }
}
