using System.Text;

namespace Hospes.Host.Logging;

/// <summary>
/// The hypervisor's message buffer that <c>xm dmesg</c> shows: the latest bytes, the oldest overwritten (fact sheet "Build and boot options",
/// section 4: 16384 bytes). A guest's messages come in here, so control characters other than line ends are made visible.
/// </summary>
internal sealed class HypervisorRing
{
    /// <summary>How many bytes are kept.</summary>
    public const int Capacity = 16384;

    private readonly Lock _lock = new();
    private readonly byte[] _bytes = new byte[Capacity];
    private long _written;
    private long _cleared;

    /// <summary>Adds a line with the hypervisor's prefix.</summary>
    public void Say(string line) => Append($"(XEN) {line}\n");

    /// <summary>Adds text as it is.</summary>
    public void Append(string text)
    {
        StringBuilder visible = new(text.Length);
        foreach (char character in text)
        {
            if (char.IsControl(character) && character is not '\n' and not '\t')
                visible.Append("\\x").Append(((int)character).ToString("x2"));
            else
                visible.Append(character);
        }

        byte[] bytes = Encoding.UTF8.GetBytes(visible.ToString());
        lock (_lock)
        {
            foreach (byte value in bytes)
                _bytes[_written++ % Capacity] = value;
        }
    }

    /// <summary>What is in the buffer since it was last cleared.</summary>
    public string Read()
    {
        lock (_lock)
        {
            long from = Math.Max(_cleared, _written - Capacity);
            byte[] copy = new byte[_written - from];
            for (int index = 0; index < copy.Length; index++)
                copy[index] = _bytes[(from + index) % Capacity];

            // The oldest byte kept may be the middle of a character; a reader gets whole ones.
            int start = 0;
            while (start < copy.Length && (copy[start] & 0xc0) == 0x80)
                start++;
            return Encoding.UTF8.GetString(copy.AsSpan(start));
        }
    }

    /// <summary>Forgets what is there.</summary>
    public void Clear()
    {
        lock (_lock)
            _cleared = _written;
    }
}
