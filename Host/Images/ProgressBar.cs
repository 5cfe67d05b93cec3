namespace Hospes.Host.Images;

/// <summary>How far something is, in one line of a terminal; where there is none, nothing.</summary>
internal sealed class ProgressBar : IProgress<double>, IDisposable
{
    private const int Width = 40;

    private readonly bool _isShown = !Console.IsErrorRedirected;
    private int _percent = -1;

    /// <inheritdoc/>
    public void Report(double value)
    {
        int percent = (int)Math.Clamp(value * 100, 0, 100);
        if (!_isShown || percent == _percent)
            return;
        _percent = percent;
        int done = percent * Width / 100;
        Console.Error.Write($"\r[{new string('#', done)}{new string('.', Width - done)}] {percent,3} %");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isShown && _percent >= 0)
            Console.Error.WriteLine();
    }
}
