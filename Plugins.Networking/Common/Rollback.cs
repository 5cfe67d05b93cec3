namespace Hospes.Networking.Common;

/// <summary>Undoing what a failed operation has done so far: why that failed is what a person must hear of, not what the undoing met.</summary>
internal static class Rollback
{
    internal static void Run(Action undo)
    {
        try
        {
            undo();
        }
        catch (IOException)
        {
            // As a rule the same cause, such as a missing right.
        }
    }
}
