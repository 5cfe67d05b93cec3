using Hospes.Xm.Cli;
using Hospes.Xm.Configuration;

namespace Hospes.Xm.Commands.Security;

/// <summary>A configuration file's text, of which a label is to be changed and nothing else.</summary>
/// <param name="Name">As it was asked for.</param>
/// <param name="Path">Where it is.</param>
/// <param name="Text">What it says.</param>
internal sealed record ConfigText(string Name, string Path, string Text)
{
    /// <summary>Finds a file, in the working directory and then among Xen's.</summary>
    /// <exception cref="CommandFailedException">There is none that can be read.</exception>
    public static ConfigText Find(XmSession session, string name) => TryFind(session, name) ?? throw new CommandFailedException($"Configuration file '{name}' not found.");

    /// <summary>The same; null: there is none.</summary>
    /// <exception cref="CommandFailedException">It cannot be read.</exception>
    public static ConfigText? TryFind(XmSession session, string name)
    {
        string working = session.Environment.WorkingDirectory;
        string[] places = System.IO.Path.IsPathRooted(name) ? [name]
            : [System.IO.Path.GetFullPath(name, working), System.IO.Path.Combine(session.Root, "etc/xen", name)];
        if (Array.Find(places, File.Exists) is not { } path)
            return null;
        try
        {
            return new ConfigText(name, path, new ConfigLocator(working).Read(path).Text);
        }
        catch (ConfigException failure)
        {
            throw new CommandFailedException(failure.Message, failure);
        }
    }

    /// <summary>Gives it another text.</summary>
    /// <exception cref="CommandFailedException">It cannot be written.</exception>
    public void Write(string text)
    {
        try
        {
            File.WriteAllText(Path, text);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"Cannot write file {Name}: {failure.Message}", failure);
        }
    }
}
