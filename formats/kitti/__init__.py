"""KITTI: its camera frame, bottom centres and rotation_y exist only in this folder.

Boxes are upright in the rectified frame of camera 0 (x right, y down, z forward): ``(x, y, z)`` is
the centre of the bottom, rotation_y turns about +y, and at 0 the length lies along +x.
"""
