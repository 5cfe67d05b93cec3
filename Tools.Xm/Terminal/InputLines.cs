using System.Runtime.InteropServices;
using System.Text;

namespace Hospes.Xm.Terminal;

/// <summary>Lines of a descriptor, read with read(2): whatever is behind a line stays for whoever reads next.</summary>
internal sealed unsafe class InputLines(int fd)
{
    private const int Longest = 64 << 10;
    private readonly List<byte> _line = [];

    /// <summary>The next line without its end; null: there is none any more.</summary>
    public string? Next()
    {
        _line.Clear();
        while (true)
        {
            byte one;
            nint count = Libc.Read(fd, &one, 1);
            if (count < 0 && Marshal.GetLastPInvokeError() == Libc.InterruptedCall)
                continue;
            if (count <= 0)
                return _line.Count == 0 ? null : Encoding.UTF8.GetString(_line.ToArray());
            if (one == '\n')
                return Encoding.UTF8.GetString(_line.ToArray());
            if (_line.Count < Longest)
                _line.Add(one);
        }
    }
}
