using System.Text;
using Hospes.Host.Native;

namespace Hospes.Host.DomainProcess;

/// <summary>
/// What a spare process is told when it becomes a domain's: <c>DIRECTORY NUL LOG NUL</c>, with two descriptors: the listening control
/// socket, and the kernel's memory file, which may be missing. The process says one byte when it is ready to hear it, and one when it has taken it; both sides are of the same build.
/// </summary>
/// <param name="Directory">The domain's directory, with its <c>config.json</c>.</param>
/// <param name="Log">Where its standard output and error go from now on.</param>
internal sealed record SpareOrders(string Directory, string Log)
{
    /// <summary>The process has loaded what every domain needs.</summary>
    public const byte Ready = (byte)'R';

    /// <summary>The process is that domain's now, and its command line says so.</summary>
    public const byte Taken = (byte)'T';

    private const int MaximumBytes = 2 * 4096;

    /// <summary>Tells them.</summary>
    /// <exception cref="IOException">The process is gone.</exception>
    public void Send(DescriptorSocket to, ReadOnlySpan<int> descriptors) => to.Send(Encoding.UTF8.GetBytes($"{Directory}\0{Log}\0"), descriptors);

    /// <summary>Waits for them; null: whoever would have told them is gone.</summary>
    /// <param name="from">The connection.</param>
    /// <param name="descriptors">Gets what came with them.</param>
    /// <exception cref="IOException">The connection broke.</exception>
    public static SpareOrders? Receive(DescriptorSocket from, List<int> descriptors)
    {
        byte[] bytes = new byte[MaximumBytes];
        int length = 0;
        while (bytes.AsSpan(0, length).Count((byte)0) < 2)
        {
            int count = length < bytes.Length ? from.Receive(bytes.AsSpan(length), descriptors) : 0;
            if (count == 0)
                return null;
            length += count;
        }

        string[] words = Encoding.UTF8.GetString(bytes, 0, length).Split('\0');
        return new SpareOrders(words[0], words[1]);
    }
}
